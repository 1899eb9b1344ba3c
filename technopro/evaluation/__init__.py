"""What annotation is for: comparing a run with the truth. Nothing else may read labels."""

from technopro.evaluation.metrics import Evaluation, Measured, evaluate
from technopro.evaluation.report import print_evaluation, run_evaluation, write_evaluation
from technopro.evaluation.truth import read_truth

__all__ = [
    "Evaluation",
    "Measured",
    "evaluate",
    "print_evaluation",
    "read_truth",
    "run_evaluation",
    "write_evaluation",
]
