"""Definitions as they occur in files from Vietnam, built for the tests."""

from __future__ import annotations

from catalog_builder.crs.vn2000 import POSITION_VECTOR

OFFICIAL = ",".join(f"{p:.10g}" for p in POSITION_VECTOR)
COPIED_SIGNS = "-191.90441429,-39.30318279,-111.45032835,-0.00928836,0.01975479,-0.00427372,0.252906278"
MIXED_SIGNS = "-191.90441429,-39.30318279,-111.45032835,0.00928836,0.01975479,-0.00427372,0.252906278"

# (longitude, latitude) on WGS 84
HA_LONG = (107.08, 20.95)
DONG_HA = (107.10, 16.82)
SOC_TRANG = (105.97, 9.60)


def tm3_wkt(datum: str, meridian: float = 107.75, shift: str = "", name: str = "grid", scale: float = 0.9999, code: str = "") -> str:
    """A WKT 1 transverse Mercator on the WGS 84 ellipsoid with any datum name, TOWGS84 and authority code."""
    towgs84 = f",TOWGS84[{shift}]" if shift else ""
    authority = f',AUTHORITY["EPSG","{code}"]' if code else ""
    return (
        f'PROJCS["{name}",GEOGCS["geographic",DATUM["{datum}",SPHEROID["WGS 84",6378137,298.257223563]{towgs84}],'
        'PRIMEM["Greenwich",0],UNIT["degree",0.0174532925199433]],PROJECTION["Transverse_Mercator"],'
        f'PARAMETER["latitude_of_origin",0],PARAMETER["central_meridian",{meridian}],PARAMETER["scale_factor",{scale}],'
        f'PARAMETER["false_easting",500000],PARAMETER["false_northing",0],UNIT["metre",1]{authority}]'
    )


def tm3_proj(shift: str = "", meridian: float = 107.75) -> str:
    """The same as a PROJ string without datum."""
    towgs84 = f" +towgs84={shift}" if shift else ""
    return f"+proj=tmerc +lat_0=0 +lon_0={meridian} +k=0.9999 +x_0=500000 +y_0=0 +ellps=WGS84{towgs84} +units=m +no_defs +type=crs"
