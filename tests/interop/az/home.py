"""A home of its own for the Azure command line, so that nothing of whoever runs this is read or changed.

Imported before every module of the command line: they read these variables while they are imported.
"""

import os
import tempfile

FOLDER = tempfile.TemporaryDirectory()
os.environ.update(
    AZURE_CONFIG_DIR=FOLDER.name,
    AZURE_EXTENSION_DIR=FOLDER.name,
    AZURE_CORE_COLLECT_TELEMETRY="no",
    AZURE_CORE_ERROR_RECOMMENDATION="off",
    AZURE_CORE_NO_COLOR="yes",
    AZURE_CORE_INSTANCE_DISCOVERY="false",
    AZURE_CORE_LOGIN_EXPERIENCE_V2="off",
    AZURE_EXTENSION_USE_DYNAMIC_INSTALL="no",
)
