"""The study file: which exports, which roles, which rules. Unknown keys are refused."""

from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal, Self, get_args

from pydantic import Field, ValidationError, field_validator, model_validator

from research.errors import InputError, nearest
from research.study.conduct import Conduct, Deviation, Publication, Questions
from research.study.instrument import (
    Bilingual,
    Identifier,
    Instrument,
    Language,
    Strict,
    explain_validation_error,
    read_instrument,
    read_yaml,
)
from research.study.workspace import Workspace

AdjustMethod = Literal["holm", "fdr_bh", "none"]
ADJUST_METHODS: tuple[str, ...] = get_args(AdjustMethod)
Layout = Literal[
    "auto",
    "csv",
    "excel",
    "spss",
    "parquet",
    "qualtrics",
    "limesurvey",
    "forms",
    "surveymonkey",
]
LAYOUTS: tuple[str, ...] = get_args(Layout)
STUDY_ID = r"^[a-z0-9][a-z0-9_-]{0,39}$"
# Signs of careless answering by which a study may decide to leave people out; `careless` is the
# rule that combines them (research.responses.quality).
FlagReason = Literal[
    "careless",
    "many_missing",
    "long_string",
    "no_variability",
    "too_fast",
    "outlying",
    "inconsistent",
    "against_the_rest",
    "misfit",
    "failed_attention",
]
FLAG_REASONS: tuple[str, ...] = get_args(FlagReason)


class Columns(Strict):
    """Which column holds what; names as they stand in the header of the export.

    ``activities`` is a pattern with one number (``Q5_{number}``, ``a{number:02d}``), a map from
    activity id to column, or absent when the headers are the activity ids.
    """

    respondent: str | None = None
    organisation: str | None = None
    role: str | None = None
    wave: str | None = None
    started: str | None = None
    finished: str | None = None
    duration: str | None = None
    covariates: dict[Identifier, str] = {}
    activities: str | dict[str, str] | None = None


class Export(Strict):
    """One file of the survey tool, relative to the study file.

    ``columns`` replaces the study's column map for this file: tools name their columns
    differently.
    """

    path: str
    layout: Layout = "auto"
    sheet: str | None = None
    role: str | None = None
    organisation: str | None = None
    columns: Columns | None = None


class Role(Strict):
    """One side of the questionnaire; ``words`` are how exports spell it."""

    id: Identifier
    label: Bilingual
    plural: Bilingual
    words: tuple[str, ...] = ()


CUSTOMER = Role(
    id="customer",
    label=Bilingual(nl="klant", en="customer"),
    plural=Bilingual(nl="klanten", en="customers"),
    words=("customer", "customers", "klant", "klanten", "cliënt", "client"),
)
MANAGER = Role(
    id="manager",
    label=Bilingual(nl="manager", en="manager"),
    plural=Bilingual(nl="managers", en="managers"),
    words=("manager", "managers", "leidinggevende", "leidinggevenden"),
)


class OrganisationName(Strict):
    """Display name of an organisation; ``id`` as the exports spell it."""

    id: str
    name: str


class Wave(Strict):
    """One moment of measuring; ``words`` are how exports spell it."""

    id: Annotated[str, Field(min_length=1)]
    words: tuple[str, ...] = ()


class Families(Strict):
    """How p-values are adjusted within each family of tests."""

    activities: AdjustMethod = "holm"
    clusters: AdjustMethod = "holm"


COARSE_BELOW = 100
# Under ten people only cluster means with one decimal may leave, whatever the study file says.
FULL_DETAIL_N = 10


class Privacy(Strict):
    """From how many people something may be shown; see PRIVACY.md."""

    minimum_n: Annotated[int, Field(ge=5)] = 10
    minimum_n_distribution: Annotated[int, Field(ge=20)] = 20
    minimum_n_extreme_share: Annotated[int, Field(ge=50)] = 50
    minimum_organisations: Annotated[int, Field(ge=3)] = 3
    maximum_organisation_share: Annotated[float, Field(gt=0, le=0.5)] = 0.5

    @property
    def shown_from(self) -> int:
        """Return the number of people from which anything but a cluster mean is shown."""
        return max(self.minimum_n, FULL_DETAIL_N)

    def decimals(self, n: float) -> int:
        """Return the decimals of a published score: one below a hundred people, then two.

        With n people and d decimals, n < 10 ** d gives their sum back exactly, and a mean with
        its interval gives the standard deviation, from which few people's answers follow.
        """
        return 2 if n >= COARSE_BELOW else 1


class Exclusion(Strict):
    """A respondent left out by a person's decision, with the reason."""

    respondent_id: str
    reason: Annotated[str, Field(min_length=3)]


class Study(Strict):
    """Everything a study decides before its numbers are seen."""

    id: Annotated[str, Field(pattern=STUDY_ID)]
    title: Bilingual
    instrument: str
    synthetic: bool
    population: Bilingual | None = None
    period: Bilingual | None = None
    preregistration: str | None = None
    questions: Questions = Questions()
    deviations: tuple[Deviation, ...] = ()
    conduct: Conduct = Conduct()
    publication: Publication = Publication()
    exports: Annotated[tuple[Export, ...], Field(min_length=1)]
    columns: Columns = Columns()
    roles: Annotated[tuple[Role, ...], Field(min_length=1, max_length=2)] = (CUSTOMER, MANAGER)
    power_cluster: str | None = None
    waves: tuple[Wave, ...] = ()
    wave: str | None = None
    organisations: tuple[OrganisationName, ...] = ()
    missing_codes: tuple[float, ...] = ()
    answer_words: dict[str, int | None] = {}
    exclusions: tuple[Exclusion, ...] = ()
    exclude_flagged: tuple[FlagReason, ...] = ()
    invited: dict[str, int] = {}
    margin: Annotated[float, Field(gt=0)] = 0.3
    confidence_level: Annotated[float, Field(ge=0.5, lt=1)] = 0.95
    families: Families = Families()
    privacy: Privacy = Privacy()
    languages: Annotated[tuple[Language, ...], Field(min_length=1)] = ("nl", "en")
    seed: int = 1

    @field_validator("languages")
    @classmethod
    def _each_language_once(cls, languages: tuple[str, ...]) -> tuple[str, ...]:
        if len(set(languages)) != len(languages):
            raise ValueError("a language stands twice")
        return languages

    @model_validator(mode="after")
    def _waves_hold_together(self) -> Self:
        meaning: dict[str, str] = {}
        for wave in self.waves:
            for word in (wave.id, *wave.words):
                key = " ".join(word.casefold().split())
                if meaning.setdefault(key, wave.id) != wave.id:
                    raise ValueError(f"waves: the word '{word}' stands under two waves")
        known = [wave.id for wave in self.waves]
        if len(set(known)) != len(known):
            raise ValueError("waves: an id stands twice")
        if known and self.wave is not None and self.wave not in known:
            raise ValueError(f"wave: '{self.wave}' is unknown. {nearest(self.wave, known)}")
        return self

    @model_validator(mode="after")
    def _roles_hold_together(self) -> Self:
        known = self.role_ids
        if len(set(known)) != len(known):
            raise ValueError("roles: an id stands twice")
        for export in self.exports:
            if export.role is not None and export.role not in known:
                raise ValueError(
                    f"exports: role '{export.role}' is unknown. {nearest(export.role, known)}"
                )
        for role in self.invited:
            if role not in known:
                raise ValueError(f"invited: role '{role}' is unknown. {nearest(role, known)}")
        return self

    @property
    def role_ids(self) -> list[str]:
        return [role.id for role in self.roles]

    @property
    def contrast(self) -> str:
        """Direction of every difference: the first role minus the second."""
        return " - ".join(self.role_ids)

    @cached_property
    def organisation_names(self) -> dict[str, str]:
        return {organisation.id: organisation.name for organisation in self.organisations}

    def columns_of(self, export: Export) -> Columns:
        return self.columns if export.columns is None else export.columns

    def role(self, role_id: str) -> Role:
        return next(role for role in self.roles if role.id == role_id)


def read_study_of(workspace: Workspace, study_id: str) -> tuple[Study, Instrument]:
    """Read the study file in a study's folder; both must have the same name."""
    study, instrument = read_study(workspace.study_path(study_id))
    if study.id != study_id:
        raise InputError(
            f"data/raw/{study_id}/study.yaml says `id: {study.id}`. "
            "The id and the name of the folder must be the same."
        )
    return study, instrument


def read_study(path: Path) -> tuple[Study, Instrument]:
    """Read a study file and the instrument it names; checks that the two fit together."""
    try:
        study = Study.model_validate(read_yaml(path))
    except ValidationError as error:
        raise InputError(explain_validation_error(error, Study, path.name)) from None
    instrument = read_instrument(study.instrument, folder=path.parent)
    if study.power_cluster is not None and study.power_cluster not in instrument.cluster_ids:
        raise InputError(
            f"{path.name}: power_cluster '{study.power_cluster}' is no cluster of the instrument. "
            + nearest(study.power_cluster, instrument.cluster_ids)
        )
    for columns in map(study.columns_of, study.exports):
        named = columns.activities if isinstance(columns.activities, dict) else {}
        known = [*instrument.activity_ids, *(item.id for item in instrument.attention_items)]
        for activity_id in set(named) - set(known):
            raise InputError(
                f"{path.name}: columns.activities: '{activity_id}' is no activity. "
                + nearest(activity_id, known)
            )
    span = instrument.scale.high - instrument.scale.low
    if study.margin >= span:
        raise InputError(
            f"{path.name}: margin {study.margin} is as wide as the whole scale ({span} points). "
            "State it in scale points, for example 0.3."
        )
    return study, instrument
