"""SLA policies in the admin. Part of the oracle."""

from tests.access.oracle import LEADERS
from tests.access.page import Page

SLA_PAGES = {
    "tickets/slapolicy": Page("sla policy", change=LEADERS, add=LEADERS, delete=LEADERS),
}
