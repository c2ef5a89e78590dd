"""Shared by all tests: one thread, so that the machine's cores stay with the workers."""

import pytest
import torch
from hypothesis import settings

settings.register_profile("ltcbook", deadline=None, max_examples=40)
settings.load_profile("ltcbook")


@pytest.fixture(autouse=True, scope="session")
def _one_thread():
    torch.set_num_threads(1)
