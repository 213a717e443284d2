"""Code lists of the official fields in words.

Fields are those of TT 09/2017/TT-BTNMT article 7, levels and classes those of TT 10/2015/TT-BTNMT. The codes of origin and funding, and
the English words, are our reading of them.
"""

from __future__ import annotations

from catalog_builder.i18n import N_
from catalog_builder.site.wording import Wording

RESOLUTION = {
    "very_high": N_("very high resolution"),
    "high": N_("high resolution"),
    "medium": N_("medium resolution"),
    "low": N_("low resolution"),
}
ACCESS = {"public": N_("Public"), "internal": N_("Internal"), "restricted": N_("Restricted")}
ORIGIN = {
    "national_station": N_("national receiving station"),
    "foreign_purchase": N_("bought abroad"),
    "domestic_purchase": N_("bought in the country"),
    "exchange": N_("exchange"),
    "aid": N_("aid"),
    "own_flight": N_("own flight"),
    "open_data": N_("open data"),
    "archive_scan": N_("digitised archive"),
}
FUNDING = {
    "state_central": N_("central state budget"),
    "state_local": N_("local state budget"),
    "oda": N_("official development assistance"),
    "grant": N_("grant"),
    "enterprise": N_("enterprise funds"),
    "other": N_("other funds"),
}
LEVEL = {
    "0": N_("level 0"),
    "raw": N_("raw data"),
    "1A": N_("level 1A"),
    "2A": N_("level 2A"),
    "3A": N_("level 3A"),
    "3B": N_("level 3B"),
}
DESCRIPTION = {
    text: text
    for text in (
        N_("Pixel quality, bit field: fill, dilated cloud, cirrus, cloud, cloud shadow, snow, clear, water, confidences"),
        N_("Pixel quality, bit field"),
        N_("Pixel quality of Collection 1, bit field"),
        N_("Radiometric saturation, bit field: one bit per band"),
        N_("Radiometric saturation, bit field"),
        N_("Aerosol of the surface reflectance, bit field"),
        N_("Cloud mask of the surface reflectance, bit field"),
        N_("Uncertainty of the surface temperature"),
        N_("Thermal band as radiance"),
        N_("Upwelled radiance"),
        N_("Downwelled radiance"),
        N_("Atmospheric transmittance"),
        N_("Emissivity"),
        N_("Standard deviation of the emissivity"),
        N_("Distance to the nearest cloud"),
        N_("Atmospheric opacity"),
        N_("Sun azimuth"),
        N_("Sun zenith angle"),
        N_("View azimuth"),
        N_("View zenith angle"),
        N_("Scene classification"),
        N_("Aerosol optical thickness at 550 nm"),
        N_("Scene-average water vapour"),
    )
}
"""What bands hold that are no colour, in the words in which the readers of Landsat and Sentinel-2 describe them (a test compares)."""

ORBIT = {"ascending": N_("ascending"), "descending": N_("descending"), "geostationary": N_("geostationary")}
BAND = {
    "pan": N_("Panchromatic"),
    "coastal": N_("Coastal"),
    "blue": N_("Blue"),
    "green": N_("Green"),
    "green05": N_("Green"),
    "yellow": N_("Yellow"),
    "red": N_("Red"),
    "rededge": N_("Red edge"),
    "rededge071": N_("Red edge 0.71 µm"),
    "rededge075": N_("Red edge 0.75 µm"),
    "rededge078": N_("Red edge 0.78 µm"),
    "nir": N_("Near infrared"),
    "nir08": N_("Near infrared 0.8 µm"),
    "nir09": N_("Near infrared 0.9 µm"),
    "cirrus": N_("Cirrus"),
    "swir16": N_("Short-wave infrared 1.6 µm"),
    "swir22": N_("Short-wave infrared 2.2 µm"),
    "lwir": N_("Thermal infrared"),
    "lwir11": N_("Thermal infrared 11 µm"),
    "lwir12": N_("Thermal infrared 12 µm"),
    "vv": N_("VV polarisation"),
    "vh": N_("VH polarisation"),
    "hh": N_("HH polarisation"),
    "hv": N_("HV polarisation"),
}
PROPERTY = {
    "datetime": N_("Acquired"),
    "start_datetime": N_("Acquired from"),
    "end_datetime": N_("Acquired until"),
    "created": N_("Record created"),
    "updated": N_("Record updated"),
    "title": N_("Title"),
    "description": N_("Description"),
    "geometry": N_("Footprint"),
    "bbox": N_("Extent"),
    "license": N_("Licence"),
    "platform": N_("Satellite or platform"),
    "constellation": N_("Constellation"),
    "instruments": N_("Sensor"),
    "gsd": N_("Ground resolution"),
    "bands": N_("Bands"),
    "eo:cloud_cover": N_("Cloud cover"),
    "view:off_nadir": N_("Off-nadir angle"),
    "view:incidence_angle": N_("Incidence angle"),
    "view:azimuth": N_("View azimuth"),
    "view:sun_azimuth": N_("Sun azimuth"),
    "view:sun_elevation": N_("Sun elevation"),
    "processing:level": N_("Processing level of the supplier"),
    "processing:software": N_("Processing software"),
    "product:type": N_("Product type"),
    "proj:code": N_("Reference system"),
    "sat:orbit_state": N_("Orbit direction"),
    "sat:absolute_orbit": N_("Absolute orbit"),
    "sat:relative_orbit": N_("Relative orbit"),
    "sar:instrument_mode": N_("Imaging mode"),
    "sar:frequency_band": N_("Radar band"),
    "sar:polarizations": N_("Polarisations"),
    "grid:code": N_("Grid tile"),
    "accuracy:geometric_rmse": N_("Geometric accuracy (RMSE)"),
    "vn:scene_name": N_("Scene name"),
    "vn:imaging_mode": N_("Imaging mode"),
    "vn:processing_level": N_("Processing level"),
    "vn:resolution_class": N_("Resolution class"),
    "vn:cloud_class": N_("Cloud class"),
    "vn:datetime_precision": N_("Precision of the time"),
    "vn:access": N_("Access"),
    "vn:corners": N_("Corners"),
    "vn:sheet": N_("Map sheet number"),
    "vn:map_scale": N_("Scale"),
    "vn:origin": N_("Origin"),
    "vn:funding_source": N_("Funding source"),
    "vn:project": N_("Project"),
    "vn:supplier": N_("Supplier"),
    "vn:contract_no": N_("Contract"),
    "vn:contract_date": N_("Date of the contract"),
    "vn:publish_due": N_("To be published by"),
    "vn:zone_width": N_("Zone width"),
    "vn:rectification": N_("Rectification"),
    "processing:lineage": N_("Lineage"),
    "processing:datetime": N_("Produced"),
    "proj:centroid": N_("Image centre"),
    "sar:observation_direction": N_("Look direction"),
    "keywords": N_("Keywords"),
    "providers": N_("Providers"),
    "contacts": N_("Contact"),
    "version": N_("Version of the record"),
    "published": N_("Published"),
    "renders": N_("Rendering for viewing"),
    "order:id": N_("Order"),
    "order:status": N_("Status of the order"),
    "order:date": N_("Date of the order"),
    "cb:licence": N_("Licence as delivered"),
    "cb:product_id": N_("Product identifier of the supplier"),
    "cb:catalog_id": N_("Acquisition identifier of the supplier"),
    "cb:order_id": N_("Order number of the supplier"),
    "vn:theme": N_("Theme"),
    "vn:bit_depth": N_("Bit depth"),
    "vn:central_meridian": N_("Central meridian"),
    "vn:licence_scope": N_("Scope of the licence"),
    "vn:crs": N_("Reference system as declared"),
    "vn:holder_agency": N_("Managing agency"),
    "vn:received": N_("Received"),
}


def spoken(table: dict[str, str], code: str, say: Wording) -> str:
    """``code`` in words, or itself where the list does not have it."""
    return say(table[code]) if code in table else code


def property_name(key: str, say: Wording) -> str:
    """The official term for a STAC property, or its key where there is none."""
    return spoken(PROPERTY, key, say)
