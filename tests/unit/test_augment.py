import numpy as np
import torch
from scipy import stats

from technopro.pseudolabel.augment import _beta, mixup, turn_and_flip


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def test_each_image_draws_its_own_symmetry() -> None:
    one = torch.arange(9.0).reshape(1, 1, 3, 3)
    turned = turn_and_flip(one.expand(400, -1, -1, -1), generator())
    kinds = {tuple(t.flatten().tolist()) for t in turned}
    assert len(kinds) == 8


def test_turning_keeps_every_pixel() -> None:
    images = torch.rand(5, 3, 4, 4, generator=generator())
    turned = turn_and_flip(images, generator())
    assert torch.equal(images.flatten(1).sort(1).values, turned.flatten(1).sort(1).values)


def test_mixup_mixes_images_and_labels_by_the_same_weight_per_image() -> None:
    labels = torch.arange(64.0)
    images = labels.view(-1, 1, 1, 1).expand(-1, 1, 2, 2)
    mixed, soft = mixup(images, labels, generator(), alpha=0.5, probability=0.5)
    assert torch.allclose(mixed[:, 0, 0, 0], soft, atol=1e-4)
    untouched = (soft == labels).float().mean()
    assert 0.3 < untouched < 0.8


def test_mixup_of_one_image_is_the_image() -> None:
    image, label = torch.rand(1, 3, 4, 4), torch.ones(1)
    mixed, soft = mixup(image, label, generator())
    assert torch.allclose(mixed, image)
    assert torch.allclose(soft, label)


def test_weights_follow_the_beta_distribution() -> None:
    drawn = _beta(0.5, 4000, generator()).numpy()
    assert stats.kstest(drawn, stats.beta(0.5, 0.5).cdf).pvalue > 0.01
    assert np.all((drawn >= 0) & (drawn <= 1))
