"""Small studies made on the spot, as the analyses receive them."""

import numpy as np
import pandas as pd

from research.study.answers import Answers
from research.study.instrument import Instrument, read_instrument
from research.study.simulate import Design, SyntheticStudy, simulate_study
from research.study.study_file import Study


def instrument() -> Instrument:
    return read_instrument("managerial_activities")


def study_file(**changes: object) -> Study:
    content = {
        "id": "made",
        "title": {"nl": "Gemaakt", "en": "Made"},
        "instrument": "managerial_activities",
        "synthetic": True,
        "exports": [{"path": "none.csv"}],
        "power_cluster": "power",
    }
    return Study.model_validate(content | changes)


def as_answers(made: SyntheticStudy, study: Study | None = None) -> Answers:
    """The answers of a synthetic study, scored by the person's mean."""
    questionnaire = instrument()
    table = made.answers
    activities = table[questionnaire.activity_ids].replace(-1, np.nan)
    clusters = {
        cluster: activities[questionnaire.activities_of(cluster)].mean(axis=1)
        for cluster in questionnaire.cluster_ids
    }
    people = pd.DataFrame(
        {
            "respondent_id": table["respondent_id"],
            "organisation_id": table["organisation"],
            "role": table["role"],
            "wave": "",
        }
    )
    return Answers(
        study=study or study_file(),
        instrument=questionnaire,
        people=people,
        activities=activities,
        clusters=pd.DataFrame(clusters),
    )


def made_answers(*, seed: int, organisations: int = 5, **design: object) -> Answers:
    """A made study; by itself none of its groups is so small that figures are told coarsely."""
    design = {"managers_in_smallest": 14, **design}
    names = [f"organisation {number}" for number in range(organisations)]
    made = simulate_study(instrument(), design=Design(**design), organisations=names, seed=seed)
    return as_answers(made)
