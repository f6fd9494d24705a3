"""What each process may do on a secured cluster: the table, what is printed of it, and who watches over it."""
