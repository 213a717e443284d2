"""The findings about coordinate reference systems, georeference and rectification."""

from __future__ import annotations

from catalog_builder.findings import FindingType, Severity
from catalog_builder.i18n import N_

OVERRIDE_HINT = N_('Write the right code in an override (for example crs = "EPSG:5899"), with who says so. Candidates: {candidates}.')

MISSING = FindingType(
    "crs.missing",
    Severity.ERROR,
    N_("The raster has coordinates but no coordinate reference system."),
    OVERRIDE_HINT,
)
UNREADABLE = FindingType(
    "crs.unreadable",
    Severity.ERROR,
    N_("The coordinate reference system {declared} cannot be understood: {problem}."),
    N_('Write the right code in an override (for example crs = "EPSG:5899"), with who says so.'),
)
LOCAL = FindingType(
    "crs.local",
    Severity.ERROR,
    N_("{declared} is a local coordinate system; nothing ties it to the Earth."),
    OVERRIDE_HINT,
)
NOT_EARTH = FindingType(
    "crs.not-earth",
    Severity.ERROR,
    N_("{declared} is not a coordinate reference system of the Earth (semi-major axis {semi_major} m)."),
    N_("Keep scenes of other planets out of this catalogue, or give the right code in an override."),
)
NOT_HORIZONTAL = FindingType(
    "crs.not-horizontal",
    Severity.ERROR,
    N_("{declared} ({kind}) does not describe positions on a map."),
    N_("Write the code of a geographic or projected system in an override, with who says so."),
)
UNKNOWN_DATUM = FindingType(
    "crs.unknown-datum",
    Severity.ERROR,
    N_(
        "{declared} does not say which datum it uses ({datum}). Mapping software may show a code for it and still "
        "leave out the datum shift (225 m in Vietnam)."
    ),
    OVERRIDE_HINT,
)
WGS84_DATUM = FindingType(
    "crs.wgs84-datum-vn2000",
    Severity.ERROR,
    N_("{declared} puts a VN-2000 grid on the WGS 84 datum. If the coordinates are VN-2000, positions would be 225 m wrong."),
    OVERRIDE_HINT,
)
TOWGS84_SIGNS = FindingType(
    "crs.towgs84-signs",
    Severity.WARNING,
    N_(
        "{declared} has the VN-2000 datum parameters with wrong signs ({shift}); they would move positions by "
        "{distance} m. {code} with EPSG:6960 is used instead."
    ),
    N_("Have the file's supplier correct the signs: with TOWGS84 the rotations are +0.00928836, -0.01975479, +0.00427372."),
)
TOWGS84_NEAR = FindingType(
    "crs.towgs84-near",
    Severity.WARNING,
    N_("{declared} has datum parameters close to those of VN-2000 ({shift}, {distance} m apart). {code} with EPSG:6960 is used instead."),
    N_("Nothing to do unless the scene needs better than {distance} m; then find out which parameters the survey used."),
)
TOWGS84_DIFFERS = FindingType(
    "crs.towgs84-differs",
    Severity.ERROR,
    N_("{declared} says VN-2000 but has other datum parameters ({shift}), {distance} m from the official ones."),
    OVERRIDE_HINT,
)
SHIFT_IGNORED = FindingType(
    "crs.shift-ignored",
    Severity.WARNING,
    N_("{declared} carries its own datum parameters ({shift}); the authority's definition {code} is used instead."),
    N_("If the parameters are better than the authority's, give the whole definition in an override."),
)
DATUM_NAME = FindingType(
    "crs.datum-name",
    Severity.WARNING,
    N_(
        "The datum name {datum} is not known to mapping software, which would leave out the datum shift (225 m). "
        "It means VN-2000: {code} is used."
    ),
    N_("When passing on the original file, tell the recipient to assign {code}."),
)
DEPRECATED_VN2000 = FindingType(
    "crs.deprecated-vn2000",
    Severity.WARNING,
    N_("{declared} is a withdrawn definition with false easting and northing swapped; {code} is used instead."),
    N_("Correct the code in the file; read literally it lies 707 km off."),
)
DEPRECATED = FindingType(
    "crs.deprecated",
    Severity.WARNING,
    N_("The code {code} has been withdrawn by its authority."),
    N_("Check which code replaces it and give that one in an override."),
)
CODE_CONTRADICTS = FindingType(
    "crs.code-contradicts",
    Severity.ERROR,
    N_("{declared} names {code} but its parameters differ from that definition ({difference})."),
    OVERRIDE_HINT,
)
ELLIPSOID_DIFFERS = FindingType(
    "crs.ellipsoid-differs",
    Severity.WARNING,
    N_("{declared} names the datum {datum} but gives another ellipsoid (semi-major axis {semi_major} m); the definition is used as it is."),
    N_("Check the definition with the supplier; give the right code in an override."),
)
LEGACY_DATUM = FindingType(
    "crs.legacy-datum",
    Severity.ERROR,
    N_("{declared} uses the datum {datum}, for which no official transformation covers Vietnam."),
    N_(
        "Give the definition with locally determined parameters in an override (WKT with TOWGS84 or PROJ string with "
        "+towgs84), with who says so."
    ),
)
LEGACY_ACCURACY = FindingType(
    "crs.legacy-accuracy",
    Severity.WARNING,
    N_("Positions come from the datum {datum} with parameters given by a person; expect errors of {accuracy} m or more."),
    N_("Do not overlay this scene with modern data without checking it against known points."),
)
BALLPARK = FindingType(
    "crs.ballpark",
    Severity.WARNING,
    N_("No transformation from {declared} to WGS 84 is known without extra grids; positions may be off by hundreds of metres."),
    N_("Reproject the source with the right grids, or give a definition with TOWGS84 in an override."),
)
SWAPPED_AXES = FindingType(
    "crs.swapped-axes",
    Severity.ERROR,
    N_("Easting and northing look swapped: read as {declared} the scene lies at {here}, swapped at {swapped}."),
    N_("Vietnamese tables give X = North and Y = East. Correct the world file or control points, or ask the supplier."),
)
OUTSIDE_USE = FindingType(
    "crs.outside-area-of-use",
    Severity.WARNING,
    N_("Read as {declared} the scene lies at {here}, far outside the area this system is made for."),
    N_("Check the code and the zone."),
)
WRONG_MERIDIAN = FindingType(
    "crs.wrong-meridian",
    Severity.ERROR,
    N_("Read as {declared} the scene does not lie in the declared area; with another central meridian it does: {candidates}."),
    N_("Find out the meridian of the survey and give the right code in an override, with who says so."),
)
OUTSIDE_AREA = FindingType(
    "crs.outside-declared-area",
    Severity.WARNING,
    N_("Read as {declared} the scene lies at {here}, outside the declared area."),
    N_("Check the coordinate reference system and the declared area of the delivery."),
)
OUT_OF_RANGE = FindingType(
    "crs.out-of-range",
    Severity.ERROR,
    N_("The georeference is impossible: {values}."),
    N_("Check the coordinate reference system, the world file or the control points."),
)
NO_DATA = FindingType(
    "crs.no-valid-pixels",
    Severity.WARNING,
    N_("No pixel of the raster is valid; the footprint shows the whole raster."),
    N_("Check the nodata value and the mask of the raster."),
)
TOO_FEW_GCPS = FindingType(
    "crs.too-few-gcps",
    Severity.ERROR,
    N_("The scan has {count} usable ground control points; at least 3 that do not lie on one line are needed."),
    N_("Measure more control points (.points file of QGIS) and enable them."),
)
GCP_RESIDUALS = FindingType(
    "crs.gcp-residuals",
    Severity.WARNING,
    N_("Control point {point} is {residual} m off after rectification (RMSE {rmse} m)."),
    N_("Check this point; a wrong point distorts the whole scan. Disable it if it is wrong."),
)
UNCHECKED_RECTIFICATION = FindingType(
    "crs.rectification-unchecked",
    Severity.INFO,
    N_("With only {count} control points the accuracy of the rectification cannot be checked independently."),
    N_("Measure more points to know the accuracy; 6 or more are advised."),
)
WILD_GCPS = FindingType(
    "crs.wild-gcps",
    Severity.ERROR,
    N_("The control points would distort the scan beyond measure ({method})."),
    N_("Look for points with wrong coordinates, or with easting and northing swapped, and disable them."),
)
BAD_RPC = FindingType(
    "crs.bad-rpc",
    Severity.ERROR,
    N_("The rational polynomial coefficients cannot be used ({problem})."),
    N_("Ask the supplier for the RPC file again, or order the orthorectified product."),
)
BAD_DEM = FindingType(
    "crs.bad-dem",
    Severity.ERROR,
    N_("{dem} cannot be read as an elevation model with a coordinate reference system."),
    N_("Configure a raster of heights in metres with a coordinate reference system."),
)
DEM_UNUSED = FindingType(
    "crs.dem-unused",
    Severity.WARNING,
    N_("{dem} cannot be read as an elevation model; the footprint was computed at the constant height of the RPC."),
    N_("Configure a raster of heights in metres with a coordinate reference system."),
)
DEM_COVERAGE = FindingType(
    "crs.dem-coverage",
    Severity.ERROR,
    N_("The elevation model {dem} does not cover the whole scene."),
    N_("Configure an elevation model that covers the scene."),
)
TOO_FINE = FindingType(
    "crs.too-fine",
    Severity.ERROR,
    N_("A pixel size of {resolution} is far finer than the scene's own; the result would be {width} x {height} pixels."),
    N_("Ask for a pixel size near the ground sample distance of the scene, in the units of the target system."),
)
