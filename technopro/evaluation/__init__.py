"""What annotation is for: comparing a run with the truth. Nothing else may read labels."""

from technopro.evaluation.metrics import Evaluation, Measured, auc_by_pattern, evaluate
from technopro.evaluation.reliability import calibration_error, reliability
from technopro.evaluation.report import (
    evaluate_files,
    print_evaluation,
    run_evaluation,
    write_evaluation,
)
from technopro.evaluation.truth import read_truth

__all__ = [
    "Evaluation",
    "Measured",
    "auc_by_pattern",
    "calibration_error",
    "evaluate",
    "evaluate_files",
    "print_evaluation",
    "read_truth",
    "reliability",
    "run_evaluation",
    "write_evaluation",
]
