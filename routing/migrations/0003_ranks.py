"""What was there before gets its place in the queue and its running status."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("routing", "0002_routing_strategy")]

    operations = [
        migrations.RunSQL(
            "UPDATE routing_workitem SET rank_at = enqueued_at - priority * interval '60 seconds'",
            migrations.RunSQL.noop,
        ),
        migrations.RunSQL(
            "INSERT INTO routing_statusperiod (agent_id, status, reason, started_at)"
            " SELECT id, status, status_reason, status_since FROM routing_agent",
            migrations.RunSQL.noop,
        ),
    ]
