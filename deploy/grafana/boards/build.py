"""Boards as Grafana reads them, through the types of its own SDK."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from string import ascii_uppercase
from typing import Any, Final

from grafana_foundation_sdk.builders import bargauge, common, heatmap, prometheus, stat, timeseries
from grafana_foundation_sdk.builders import dashboard as builders
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models import common as kinds
from grafana_foundation_sdk.models import dashboard
from grafana_foundation_sdk.models import prometheus as queries
from grafana_foundation_sdk.models.heatmap import HeatmapColorMode

from boards.form import Board, Kind, Panel, Query

__all__ = ["as_json"]

SOURCE: Final = dashboard.DataSourceRef(type_val="prometheus", uid="${datasource}")
TAG: Final = "newswire"
FIRING: Final = 'ALERTS{alertname=~"Newswire.+",alertstate="firing"}'
STEADY: Final = "30s"
"""How often a board asks anew: the rules are evaluated every 15 s."""


def as_json(board: Board) -> str:
    """Return a board as a file for Grafana."""
    made = (
        builders.Dashboard(board.title)
        .uid(f"newswire-{board.name}")
        .description(board.description)
        .tags([TAG])
        .readonly()
        .tooltip(dashboard.DashboardCursorSync.CROSSHAIR)
        .timezone("browser")
        .time("now-6h", "now")
        .refresh(STEADY)
        .with_variable(builders.DatasourceVariable("datasource").label("Data source").type("prometheus"))
        .link(
            builders.DashboardLink("newswire")
            .type(dashboard.DashboardLinkType.DASHBOARDS)
            .tags([TAG])
            .keep_time(True)
            .include_vars(True)
        )
        .annotation(
            builders.AnnotationQuery()
            .name("Alerts")
            .datasource(SOURCE)
            .enable(True)
            .icon_color("red")
            .expr(FIRING)
        )
    )
    number = 0
    for row in board.rows:
        number += 1
        made = made.with_row(builders.Row(row.title).id(number))
        for panel in row.panels:
            number += 1
            made = made.with_panel(_panel(panel).id(number))
    return JSONEncoder(indent=2, ensure_ascii=False).encode(made.build()) + "\n"


def _panel(panel: Panel) -> Any:
    made = (
        _SHAPES[panel.kind]()
        .title(panel.title)
        .description(panel.description)
        .datasource(SOURCE)
        .unit(panel.unit)
        .span(panel.width)
        .height(panel.height)
        .no_value("none yet")
        .thresholds(_limits(panel))
    )
    if panel.lowest is not None:
        made = made.min(panel.lowest)
    if panel.highest is not None:
        made = made.max(panel.highest)
    for query, letter in zip(panel.queries, ascii_uppercase, strict=False):
        made = made.with_target(_query(panel, query, letter))
    return made


def _query(panel: Panel, query: Query, letter: str) -> prometheus.Dataquery:
    made = prometheus.Dataquery().ref_id(letter).datasource(SOURCE).expr(query.expr)
    if query.legend:
        made = made.legend_format(query.legend)
    if panel.kind == "heatmap":
        return made.range().format(queries.PromQueryFormat.HEATMAP)
    return made.instant() if panel.kind in {"number", "bars"} else made.range()


def _limits(panel: Panel) -> builders.ThresholdsConfig:
    steps = [dashboard.Threshold(value=None, color=panel.below)]
    steps += [dashboard.Threshold(value=each.value, color=each.colour) for each in panel.limits]
    return builders.ThresholdsConfig().mode(dashboard.ThresholdsMode.ABSOLUTE).steps(steps)


def _lines() -> timeseries.Panel:
    return (
        timeseries.Panel()
        .line_width(1)
        .fill_opacity(8)
        .show_points(kinds.VisibilityMode.NEVER)
        .thresholds_style(common.GraphThresholdsStyleConfig().mode(kinds.GraphThresholdsStyleMode.DASHED))
        .legend(
            common.VizLegendOptions()
            .show_legend(True)
            .display_mode(kinds.LegendDisplayMode.LIST)
            .placement(kinds.LegendPlacement.BOTTOM)
        )
        .tooltip(
            common.VizTooltipOptions().mode(kinds.TooltipDisplayMode.MULTI).sort(kinds.SortOrder.DESCENDING)
        )
    )


def _area() -> timeseries.Panel:
    return (
        _lines().fill_opacity(40).stacking(common.StackingConfig().mode(kinds.StackingMode.NORMAL).group("A"))
    )


def _number() -> stat.Panel:
    return (
        stat.Panel()
        .graph_mode(kinds.BigValueGraphMode.NONE)
        .color_mode(kinds.BigValueColorMode.VALUE)
        .reduce_options(common.ReduceDataOptions().calcs(["lastNotNull"]))
    )


def _bars() -> bargauge.Panel:
    return (
        bargauge.Panel()
        .orientation(kinds.VizOrientation.HORIZONTAL)
        .display_mode(kinds.BarGaugeDisplayMode.BASIC)
        .reduce_options(common.ReduceDataOptions().calcs(["lastNotNull"]))
    )


def _heatmap() -> heatmap.Panel:
    return (
        heatmap.Panel()
        .color(heatmap.HeatmapColorOptions().mode(HeatmapColorMode.SCHEME).scheme("Blues").steps(64))
        .y_axis(heatmap.YAxisConfig().unit("s"))
        .cell_values(heatmap.CellValues().unit("short"))
        .hide_from(common.HideSeriesConfig().tooltip(False).legend(False).viz(False))
    )


_SHAPES: Final[Mapping[Kind, Callable[[], Any]]] = {
    "lines": _lines,
    "area": _area,
    "number": _number,
    "bars": _bars,
    "heatmap": _heatmap,
}
