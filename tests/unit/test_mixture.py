import numpy as np
import pytest
from scipy import optimize, stats
from threadpoolctl import threadpool_info

from technopro.decision.calibration import calibrate, judged_share, night_share
from technopro.decision.judge import NOTHING, convene, unseen
from technopro.decision.mixture import (
    BULKS,
    Bulk,
    Mixture,
    Sample,
    fit_mixture,
    log_density,
    log_likelihood_and_slope,
)
from technopro.decision.threads import on_one_thread
from technopro.results import Estimate


def standardised(values: np.ndarray) -> np.ndarray:
    low, middle, high = np.quantile(values, [0.25, 0.5, 0.75])
    return (values - middle) / ((high - low) / 1.349)


def alone(evidence: np.ndarray) -> Sample:
    return Sample(evidence, NOTHING)


@pytest.mark.parametrize("draw", ["normal", "gumbel"])
@pytest.mark.parametrize("seed", range(4))
def test_a_clean_night_has_share_zero(draw: str, seed: int) -> None:
    values = getattr(np.random.default_rng(seed), draw)(size=400)
    assert fit_mixture(alone(standardised(values))).share < 0.02


@pytest.mark.parametrize("share", [0.03, 0.13, 0.35])
def test_a_separated_minority_is_counted(share: float) -> None:
    rng = np.random.default_rng(1)
    bad = round(600 * share)
    values = np.r_[rng.gumbel(size=600 - bad), rng.normal(12, 3, bad)]
    assert fit_mixture(alone(standardised(values))).share == pytest.approx(share, abs=0.02)


def test_the_interval_covers_the_truth() -> None:
    rng = np.random.default_rng(2)
    values = standardised(np.r_[rng.normal(size=260), rng.normal(9, 2, 40)])
    share = night_share(values, NOTHING, seed=0)
    assert share.low <= 40 / 300 <= share.high
    assert share.high - share.low < 0.12


def test_a_few_images_without_a_find_may_come_of_a_line_that_makes_defects() -> None:
    values = standardised(np.random.default_rng(3).gumbel(0, 1, 27))
    share = night_share(values, NOTHING, seed=0)
    assert share.low == 0
    assert share.high >= unseen(27)
    for images in (5, 27, 345):
        assert stats.binom.pmf(0, images, unseen(images)) == pytest.approx(0.05)
    assert unseen(1) == 0.5  # a minority, by assumption


def test_where_most_parts_are_defective_the_night_does_not_say_that_most_are_sound() -> None:
    own, full = Estimate(0.03, 0.0, 0.2), Estimate(0.491, 0.45, 0.491)

    def scores(sound: int, defective: int) -> np.ndarray:
        return np.repeat([0.1, 0.5], [sound, defective])

    assert judged_share(own, scores(6, 6)) == own
    assert judged_share(own, scores(5, 7)) == Estimate(7 / 12, 0.0, 1.0)
    assert judged_share(own, scores(0, 12)) == Estimate(1.0, 0.0, 1.0)
    assert judged_share(full, scores(12, 0)) == Estimate(0.491, 0.45, 1.0)  # as many as it can find
    assert judged_share(full, scores(0, 11)) == full  # too few for a share


@pytest.mark.parametrize("bulk", ["skew_normal", "gumbel"])
def test_densities_equal_those_of_scipy(bulk: str) -> None:
    t = np.linspace(-2, 6, 30)
    mixture = Mixture(bulk, 0.3, 1.2, 2.0 if bulk == "skew_normal" else 0.0, 0.2, 4.0, 1.5)
    other = stats.skewnorm(2.0, 0.3, 1.2) if bulk == "skew_normal" else stats.gumbel_r(0.3, 1.2)
    expected = 0.8 * other.pdf(t) + 0.2 * stats.norm(4.0, 1.5).pdf(t)
    assert np.exp(log_density(mixture, t)) == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("bulk", BULKS)
@pytest.mark.parametrize("parameters", [3, 6])
@pytest.mark.parametrize("seed", range(3))
def test_the_slope_of_the_likelihood_is_that_of_finite_differences(
    bulk: Bulk, parameters: int, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    sample = Sample(np.r_[rng.gumbel(size=50), rng.normal(6, 2, 9)], rng.gumbel(size=40))
    p = np.array([-0.4, 0.1, 0.7, -1.0, 2.0, 0.3])[:parameters] + rng.normal(0, 0.3, parameters)
    differences = optimize.approx_fprime(
        p, lambda at: log_likelihood_and_slope(bulk, at, sample)[0], 1e-6
    )
    assert log_likelihood_and_slope(bulk, p, sample)[1] == pytest.approx(
        differences, rel=1e-3, abs=1e-3
    )


def test_small_problems_are_solved_by_one_thread() -> None:
    def seen() -> set[int]:
        return {one["num_threads"] for one in threadpool_info() if one["user_api"] == "blas"}

    before = seen()
    assert on_one_thread(seen)() == {1}
    assert seen() == before


def test_single_precision_gives_the_same_share() -> None:
    rng = np.random.default_rng(3)
    values = standardised(np.r_[rng.normal(size=200), rng.normal(8, 2, 30)])
    assert fit_mixture(alone(values.astype(np.float32))).share == pytest.approx(
        fit_mixture(alone(values)).share, abs=0.01
    )


def test_scores_keep_the_order_of_the_evidence_and_never_saturate() -> None:
    rng = np.random.default_rng(4)
    evidence = standardised(np.r_[rng.normal(size=200), rng.normal(30, 10, 30)])
    calibration = calibrate(evidence, NOTHING, rng.normal(10, 5, 100), seed=0)
    order = np.argsort(evidence)
    scores = calibration(evidence)[order]
    assert np.all(np.diff(scores) > 0)
    assert scores[0] > 0
    assert scores[-1] < 1


def test_beyond_the_grid_the_score_still_rises() -> None:
    rng = np.random.default_rng(5)
    evidence = standardised(rng.normal(size=100))
    calibration = calibrate(evidence, NOTHING, rng.normal(5, 2, 50), seed=0)
    far = calibration(np.array([evidence.max(), evidence.max() + 5, evidence.max() + 50]))
    assert np.all(np.diff(far) > 0)


def test_a_clean_night_flags_nobody() -> None:
    rng = np.random.default_rng(6)
    evidence = standardised(rng.normal(size=500))
    scores = calibrate(evidence, NOTHING, rng.normal(6, 3, 100), seed=0)(evidence)
    assert (scores >= 0.5).mean() <= 0.005


def test_a_pattern_whose_drawn_defects_go_unseen_is_not_separable() -> None:
    rng = np.random.default_rng(7)
    evidence = standardised(rng.normal(size=200))
    assert not calibrate(evidence, NOTHING, rng.normal(size=200), seed=0).separable


def test_a_heavy_tail_that_better_halves_share_is_no_defect() -> None:
    """A tenth of the sound images have odd places: defects, unless sound images are known to."""
    rng = np.random.default_rng(8)

    def draw() -> np.ndarray:
        return np.r_[rng.normal(size=360), rng.uniform(1, 7, 40)]

    evidence, drawn = draw(), rng.normal(9, 3, 100)
    unknown = calibrate(evidence, NOTHING, drawn, seed=0)
    known = calibrate(evidence, draw(), drawn, seed=0)
    assert unknown.share.estimate > 0.06
    assert known.share.estimate < 0.7 * unknown.share.estimate
    assert (known(evidence) >= 0.5).sum() < 0.7 * (unknown(evidence) >= 0.5).sum()


def test_better_halves_alone_flag_nobody_either() -> None:
    """Halves that are too quiet would call a tenth of the images defective; the shape objects."""
    rng = np.random.default_rng(9)
    evidence = standardised(rng.gumbel(size=400))
    quiet = np.minimum(standardised(rng.gumbel(size=400)), 2.0)
    assert (
        calibrate(evidence, quiet, rng.normal(6, 3, 100), seed=0)(evidence) >= 0.5
    ).mean() < 0.01


def test_one_glaring_defect_among_hundreds_is_flagged() -> None:
    rng = np.random.default_rng(10)
    evidence = standardised(np.r_[rng.normal(size=399), 40.0])
    scores = calibrate(evidence, NOTHING, rng.normal(20, 10, 100), seed=0)(evidence)
    assert scores[-1] > 0.5
    assert (scores[:-1] < 0.5).all()


def test_an_image_odder_than_every_drawn_defect_is_the_surest_defect() -> None:
    """Far out a Gumbel tail overtakes the density of drawn defects; the order must not turn."""
    rng = np.random.default_rng(11)
    evidence = standardised(np.r_[rng.gumbel(size=299), 12.0])
    calibration = calibrate(evidence, NOTHING, rng.normal(5, 1.5, 100), seed=0)
    scores = calibration(evidence)
    assert scores[-1] > 0.5
    assert np.sort(scores)[-2] < 0.2


@pytest.mark.parametrize("seed", range(3))
def test_where_no_defect_is_proven_at_most_three_stand_out(seed: int) -> None:
    """A tail heavier than either density knows is no defect."""
    rng = np.random.default_rng(seed)
    evidence = standardised(rng.standard_t(3, 300) + rng.gumbel(size=300))
    jury = convene(alone(evidence), rng.normal(6, 2, 100), seed=0)
    assert not jury.proven
    assert (jury.probability(np.sort(evidence)) >= 0.5).sum() <= 3


def test_a_bump_that_chance_makes_is_no_proof_and_one_that_it_cannot_is() -> None:
    """A tenth at 3.5 spreads touches the bulk; a tenth at 7 does not."""
    rng = np.random.default_rng(13)
    bulk = rng.normal(size=180)
    near = convene(alone(standardised(np.r_[bulk, rng.normal(3.0, 1.0, 20)])), NOTHING, seed=0)
    far = convene(alone(standardised(np.r_[bulk, rng.normal(7.0, 1.0, 20)])), NOTHING, seed=0)
    assert not near.proven
    assert far.proven
    assert near.share.low == 0 < near.share.estimate
    assert 0.05 < far.share.low <= 0.1 <= far.share.high


def test_a_defect_of_another_kind_is_not_hidden_by_those_found() -> None:
    """Ten alike are a narrow bump; the one far beside it is a defect too."""
    rng = np.random.default_rng(14)
    evidence = standardised(np.r_[rng.gumbel(size=289), rng.normal(32, 0.3, 10), 20.0])
    scores = calibrate(evidence, NOTHING, rng.normal(10, 5, 100), seed=0)(evidence)
    assert (scores[289:] > 0.5).all()
    assert (scores[:289] < 0.5).all()
