"""Which pages a study has, and what each says beside its notebook."""

from collections.abc import Sequence
from pathlib import Path

from research.batch.slugs import page_path, slug_table
from research.batch.task import ReportTask
from research.errors import InputError, nearest
from research.presentation.sections import banner_lines
from research.presentation.texts import Reader, catalogue
from research.reporting.checking.sources import known_of
from research.reporting.html_export import PageContext, PageLink
from research.reporting.provenance import collect, provenance_rows
from research.responses.store import Build
from research.study.study_file import CUSTOMER, MANAGER
from research.study.workspace import Workspace

STUDY_NOTEBOOK = "95_study_report"
ORGANISATION_NOTEBOOK = "90_organisation_report"
QUESTION_NOTEBOOKS = (
    "00_overview",
    "10_response_quality",
    "20_measurement",
    "30_value_of_activities",
    "40_manager_customer_gap",
    "60_across_organisations",
)
POWER_NOTEBOOK = "50_use_of_power"
SHOWN_PACKAGES = (
    "research", "numpy", "pandas", "scipy", "statsmodels", "pingouin", "papermill", "nbconvert",
)  # fmt: skip


class PageMaker:
    """Makes the tasks of one study in one language: context, provenance, parameters."""

    def __init__(self, workspace: Workspace, build: Build, language: str):
        self.workspace, self.build = workspace, build
        self.reader = Reader(study=build.study, instrument=build.instrument, language=language)
        self.words = {key: entry[language] for key, entry in catalogue().items()}
        self.known = known_of(build.study, build.instrument, language=language, flow=build.flow)
        self.provenance = collect(
            workspace.root,
            data_hash=build.data_hash,
            seed=build.study.seed,
            packages=SHOWN_PACKAGES,
        )

    def context(self, *, title: str, kind: str, links: Sequence[PageLink] = ()) -> PageContext:
        """What the page says beside the notebook."""
        return PageContext(
            title=title,
            language=self.reader.language,
            kind=kind,
            words=self.words,
            provenance=provenance_rows(self.provenance, self.words),
            banners=banner_lines(self.reader),
            synthetic=self.build.study.synthetic,
            illustrative=self.build.instrument.illustrative,
            links=tuple(links),
            made=self.provenance,
            known=self.known,
            names=(
                *self.build.answers.organisation_ids,
                *self.build.study.organisation_names.values(),
            ),
        )

    def task(
        self,
        notebook: str,
        output: Path,
        *,
        title: str,
        kind: str,
        organisation_id: str = "",
        links: Sequence[PageLink] = (),
    ) -> ReportTask:
        """One page: a notebook, its parameters, where it goes."""
        parameters = {
            "study": self.build.study.id,
            "language": self.reader.language,
            "confidence_level": self.build.study.confidence_level,
        }
        if organisation_id:
            parameters["organisation_id"] = organisation_id
        return ReportTask(
            notebook=self.workspace.notebooks / f"{notebook}.ipynb",
            parameters=parameters,
            output=output,
            context=self.context(title=title, kind=kind, links=links),
            root=self.workspace.root,
            organisation_id=organisation_id,
        )

    def organisation_title(self, organisation_id: str) -> str:
        names = self.build.study.organisation_names
        name = names.get(organisation_id, organisation_id)
        return self.reader.text("organisation.title", organisation=name)

    def study_link(self) -> PageLink:
        """Link from a page of one organisation, or from their index, to the study report."""
        language = self.reader.language
        return PageLink(
            label=self.reader.text("index.study"), href=f"../study/study.{language}.html"
        )

    def other_languages(self, stem: str, languages: Sequence[str]) -> list[PageLink]:
        """Links to the same page in the study's other languages, each in its own words."""
        return [
            PageLink(
                label=catalogue()["page.this_language"][other],
                href=f"{stem}.{other}.html",
                language=other,
            )
            for other in languages
            if other != self.reader.language
        ]


def plan_report(
    workspace: Workspace, build: Build, languages: Sequence[str], folder: Path
) -> list[ReportTask]:
    """The study report in every language and, in English, the question notebooks.

    The prose of the question notebooks speaks of managers and customers; a study with other roles
    (or in the other order) gets the study report only, which answers the same questions in its own
    words.
    """
    makers = {language: PageMaker(workspace, build, language) for language in languages}
    tasks = [
        maker.task(
            STUDY_NOTEBOOK,
            folder / f"study.{language}.html",
            title=build.study.title.get(language),
            kind="study",
            links=maker.other_languages("study", languages),
        )
        for language, maker in makers.items()
    ]
    if build.study.role_ids != [CUSTOMER.id, MANAGER.id]:
        return tasks
    questions = list(QUESTION_NOTEBOOKS)
    if build.study.power_cluster is not None:
        questions.append(POWER_NOTEBOOK)
    english = PageMaker(workspace, build, "en")
    tasks += [
        english.task(name, folder / f"{name}.html", title="", kind="question") for name in questions
    ]
    return tasks


def plan_batch(
    workspace: Workspace,
    build: Build,
    folder: Path,
    *,
    languages: Sequence[str],
    only: str | None = None,
) -> list[ReportTask]:
    """A page per organisation and language; ``only`` limits it to one organisation."""
    ids = build.answers.organisation_ids
    slugs = slug_table(ids)
    if only is not None and only not in slugs:
        raise InputError(f"Organisation '{only}' has no respondents. {nearest(only, ids)}")
    makers = {language: PageMaker(workspace, build, language) for language in languages}
    tasks = []
    for organisation_id in ids if only is None else [only]:
        slug = slugs[organisation_id]
        for language, maker in makers.items():
            tasks.append(
                maker.task(
                    ORGANISATION_NOTEBOOK,
                    page_path(folder, slug, language),
                    title=maker.organisation_title(organisation_id),
                    kind="organisation",
                    organisation_id=organisation_id,
                    links=[*maker.other_languages(slug, languages), maker.study_link()],
                )
            )
    return tasks
