# For `source`: an environment of Python with exact versions, made once and again whenever they change.

# environment FOLDER: installs FOLDER/requirements.txt into FOLDER/.venv.
environment() {
    local folder=$1
    if ! cmp --silent "$folder/requirements.txt" "$folder/.venv/installed.txt"; then
        echo "setting up $folder/.venv" >&2
        python3 -m venv --clear "$folder/.venv"
        "$folder/.venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps \
            --requirement "$folder/requirements.txt" >&2
        cp "$folder/requirements.txt" "$folder/.venv/installed.txt"
    fi
}
