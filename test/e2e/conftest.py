"""The embedded AWS, started once for all tests."""

from collections.abc import Iterator

import pytest

from emulator import EmbeddedAws


@pytest.fixture(scope="session")
def embedded_aws() -> Iterator[EmbeddedAws]:
    with EmbeddedAws(account="111122223333", region="eu-west-1") as aws:
        yield aws.ready()


@pytest.fixture
def aws(embedded_aws: EmbeddedAws) -> EmbeddedAws:
    """An empty embedded AWS."""
    embedded_aws.reset()
    return embedded_aws
