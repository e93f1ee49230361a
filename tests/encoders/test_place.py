import numpy as np
import pytest

from encoders.place import EARTH_RADIUS_KM, PlaceEncoder

LONDON, PARIS, SYDNEY = (51.5074, -0.1278), (48.8566, 2.3522), (-33.8688, 151.2093)


def test_points_of_the_sphere() -> None:
    features, _ = PlaceEncoder().encode([(0.0, 0.0), (0.0, 90.0), (90.0, 0.0), (-30.0, 180.0)])
    expected = [[1, 0, 0], [0, 1, 0], [0, 0, 1], [-np.sqrt(0.75), 0, -0.5]]
    np.testing.assert_allclose(features[:, :3], expected, atol=1e-6)


def test_there_is_no_seam_at_the_date_line_and_at_the_poles() -> None:
    features, _ = PlaceEncoder().encode([(10.0, 180.0), (10.0, -180.0), (90.0, 0.0), (90.0, 123.0)])
    np.testing.assert_allclose(features[0], features[1], atol=1e-5)
    np.testing.assert_allclose(features[2], features[3], atol=1e-5)


def test_near_places_are_alike_at_the_scale_of_their_distance() -> None:
    features, _ = PlaceEncoder().encode([LONDON, PARIS, SYDNEY])
    far, near = (features[:, 3:].reshape(3, 2, 4, 16)[:, :, scale].reshape(3, -1) for scale in (0, 3))
    assert far[0] @ far[0] == pytest.approx(1)
    assert far[0] @ far[1] > 0.98  # 344 km of 3,000
    assert near[0] @ near[1] < 0.6  # and of 3
    assert abs(far[0] @ far[2]) < 0.5


def test_the_kernel_is_the_paper_s() -> None:
    """Over many pairs the inner product at one scale is exp(-|x - y|² / 2s²) but for what 16 waves leave to chance."""
    generator = np.random.default_rng(1)
    places = np.degrees(np.stack([np.arcsin(generator.uniform(-1, 1, 400)), generator.uniform(-np.pi, np.pi, 400)], 1))
    features, _ = PlaceEncoder().encode([(float(north), float(east)) for north, east in places])
    waves = features[:, 3:].reshape(400, 2, 4, 16)[:, :, 0].reshape(400, -1)
    points = features[:, :3].astype(np.float64)
    squared = ((points[:, None] - points[None]) ** 2).sum(axis=2)
    kernel = np.exp(-squared / (2 * (3000 / EARTH_RADIUS_KM) ** 2))
    error = waves @ waves.T - kernel
    assert np.sqrt(np.mean(error**2)) < 0.25  # 1 / √16, the standard deviation of one estimate at most
    assert np.corrcoef((waves @ waves.T).ravel(), kernel.ravel())[0, 1] > 0.6
