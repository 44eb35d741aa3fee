"""What the pages of routing share."""

from django.db.models import Count, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.utils.html import format_html

from routing.models import WorkItem


def swatch(color: str, label: str) -> str:
    """`label` behind a dot of `color`."""
    return format_html(
        '<span style="display:inline-block;width:.7em;height:.7em;border-radius:50%;'
        'margin-right:.5em;background:{}"></span>{}',
        color,
        label,
    )


def items_of(owner: str, state: str) -> Coalesce:
    """How many work items in `state` each row holds; a subquery, which does not multiply rows."""
    counted = (
        WorkItem.objects.filter(**{owner: OuterRef("pk")}, state=state)
        .order_by()
        .values(owner)
        .annotate(count=Count("pk"))
        .values("count")
    )
    return Coalesce(Subquery(counted), 0)
