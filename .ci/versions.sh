# shellcheck shell=bash
# The least versions that the tests and the validators need; .ci/run sources it.

# The first number that a program says on its standard output; Java before 9 says nothing there.
version_of() { "$@" 2>/dev/null | grep -oE '[0-9]+(\.[0-9]+)*' | head -n 1; }

# least PROGRAM HOW VERSION WHENCE: HOW makes the program say its version.  One that is not there is none too old.
least() {
  local found
  command -v "$1" >/dev/null || return 0
  found=$(version_of "$1" "$2")
  [ "$(printf '%s\n' "$3" "${found:-0}" | sort -V | head -n 1)" != "$3" ] || return 0
  echo "$1 $3 or newer is needed, and this machine's is ${found:-one that does not tell its version}: $4" >&2
  return 1
}

# Name each program that is too old; apt-get cannot help, since it gives what the distribution has.
versions() {
  local release="unpack a release of its own project, and put the folder bin of that first on PATH" failed=0
  least java --version 17 "apt-get install openjdk-17-jre-headless, and put it first on PATH" || failed=1
  least javac --version 17 "apt-get install openjdk-17-jdk-headless, and put it first on PATH" || failed=1
  least node --version 20.19 "Debian 12's is too old; $release" || failed=1
  # Kustomize 5.8.0 asks for it.
  least go version 1.24 "Debian 12's is too old; $release" || failed=1
  return $failed
}
