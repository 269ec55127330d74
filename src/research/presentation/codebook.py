"""The instrument as readers see it: every activity, its wording, and what is known of it."""

from markupsafe import Markup

from research.presentation.tables import Column, Group, html_table
from research.presentation.texts import Reader


def codebook_table(reader: Reader) -> Markup:
    """Activities by cluster, with wording in the reader's language and status."""
    instrument = reader.instrument
    groups = []
    for cluster in instrument.clusters:
        rows = []
        for activity in instrument.activities:
            if activity.cluster != cluster.id:
                continue
            status = reader.text(f"codebook.status.{activity.status}")
            if activity.reverse_keyed:
                status += f", {reader.text('codebook.reversed')}"
            rows.append(
                (activity.label.get(reader.language), activity.wording.get(reader.language), status)
            )
        groups.append(Group(heading=cluster.label.get(reader.language), rows=rows))
    return html_table(
        table_id="codebook",
        caption=reader.text("codebook.caption"),
        columns=[
            Column(heading=reader.text("table.activity"), kind="text"),
            Column(heading=reader.text("codebook.wording"), kind="text"),
            Column(heading=reader.text("codebook.status"), kind="text"),
        ],
        groups=groups,
    )
