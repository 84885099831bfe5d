from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    import pandas
    import polars

    Frame = polars.DataFrame | pandas.DataFrame
    FrameT = TypeVar("FrameT", polars.DataFrame, pandas.DataFrame)
