"""The answers as an analysis receives them: people, activities and cluster scores side by side."""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd

from research.errors import InputError, nearest
from research.study.cells import Cells, count_cells
from research.study.instrument import Instrument
from research.study.study_file import Study


@dataclass(frozen=True, kw_only=True)
class SampleFlow:
    """How the rows of the exports became the people of the analysis; the counts close.

    ``n_compared`` numbers were computed a second time by other software; their largest relative
    difference to ours is ``largest_difference``. None were where it is not installed. The rows
    are not ``told`` where they would give the size of a group that is withheld.
    """

    rows_in: int
    rows_out: int
    left_out: dict[str, int]
    n_failures: int
    n_flagged: int
    n_compared: int = 0
    largest_difference: float = 0.0
    told: bool = True


@dataclass(frozen=True, kw_only=True)
class Answers:
    """One row a respondent in each of three tables with the same index.

    ``people`` holds respondent_id, organisation_id, role and wave. ``activities`` holds one
    column per activity, reversed items already turned, NaN for a missing answer. ``clusters``
    holds one column per cluster: the person mean, NaN where too few activities were answered.
    ``whole_study`` is what the build computed once for all pages (comparing the roles, other
    people, imputed answers), in rows of the result contract; None where nothing was built.
    ``everybody`` are the answers these were taken from; None where these are everybody's.
    """

    study: Study
    instrument: Instrument
    people: pd.DataFrame
    activities: pd.DataFrame
    clusters: pd.DataFrame
    whole_study: pd.DataFrame | None = None
    everybody: "Answers | None" = None

    def __len__(self) -> int:
        return len(self.people)

    @cached_property
    def roles_present(self) -> list[str]:
        present = set(self.people["role"])
        return [role for role in self.study.role_ids if role in present]

    @property
    def has_two_roles(self) -> bool:
        return len(self.roles_present) == 2

    @cached_property
    def is_first_role(self) -> np.ndarray:
        return self.is_role(self.study.role_ids[0])

    def is_role(self, role: str) -> np.ndarray:
        return (self.people["role"] == role).to_numpy()

    @cached_property
    def organisation(self) -> np.ndarray:
        return self.people["organisation_id"].to_numpy(dtype=object)

    @cached_property
    def organisation_ids(self) -> list[str]:
        return sorted(set(self.people["organisation_id"]))

    @property
    def spans_organisations(self) -> bool:
        """Return whether people are nested in several organisations, which the tests must allow."""
        return len(self.organisation_ids) > 1

    def of_organisation(self, organisation_id: str) -> "Answers":
        """Only the people of one organisation; an unknown one is an error that names a near one."""
        if organisation_id not in self.organisation_ids:
            hint = nearest(organisation_id, self.organisation_ids)
            raise InputError(f"Organisation '{organisation_id}' has no respondents. {hint}")
        return self.where((self.people["organisation_id"] == organisation_id).to_numpy())

    def as_built(self, *analyses: str) -> pd.DataFrame | None:
        """What the build found in these analyses, over the whole study; None without a build."""
        if self.whole_study is None:
            return None
        return self.whole_study[self.whole_study["analysis"].isin(analyses)]

    def where(self, chosen: np.ndarray) -> "Answers":
        """Only the people for whom ``chosen`` is true."""
        return replace(
            self,
            people=self.people[chosen],
            activities=self.activities[chosen],
            clusters=self.clusters[chosen],
            everybody=self.everybody or self,
        )

    @cached_property
    def cells(self) -> Cells:
        """How many people stand behind every cell, and what their answers add up to."""
        clusters = [(cluster, "") for cluster in self.clusters.columns]
        activities = [
            (self.instrument.cluster_of(activity), activity) for activity in self.activities.columns
        ]
        return count_cells(
            self.people,
            pd.concat([self.clusters, self.activities], axis=1),
            questions=[*clusters, *activities],
            roles=self.study.role_ids,
            midpoint=self.instrument.scale.midpoint,
        )
