# Sourced by ./test: finds what the steps need, and installs what is missing. $tools is the folder for tools of our own.

# Command → package of Debian and Ubuntu.
declare -A package_of=(
  [initdb]=postgresql [psql]=postgresql-client [gpg]=gnupg [swaks]=swaks [curl]=curl [whois]=whois [openssl]=openssl [certbot]=certbot [strace]=strace
  [chromium]=chromium [node]=nodejs [npm]=npm [g++]=g++ [cc]=gcc [git]=git [pip]=python3-pip [certutil]=libnss3-tools
)
# Tool → crate and version, for machines that the wheels of tools.txt are not for.
declare -A crate_of=([cargo-nextest]=cargo-nextest@0.9.148 [cargo-deny]=cargo-deny@0.20.2 [cargo-fuzz]=cargo-fuzz@0.13.2 [mdbook]=mdbook@0.5.4)

# PostgreSQL's server programs are not on the path of Debian and Ubuntu.
for folder in /usr/lib/postgresql/*/bin; do [ -d "$folder" ] && PATH=$folder:$PATH; done
PATH=$tools/bin:$PATH

have() {
  case $1 in
    chromium) [ -n "$(browser)" ] ;;
    pip) python3 -m pip --version >/dev/null 2>&1 ;;
    *) command -v "$1" >/dev/null ;;
  esac
}

# Path of the browser: what CHROMIUM names, or the first that is there.
browser() {
  local name
  for name in ${CHROMIUM:-} chromium chromium-browser google-chrome; do command -v "$name" && return; done
  return 0
}

# Makes sure that all commands given are there. Ends the run, with what to do, when one cannot be had.
need() {
  local command missing=() packages=() building=()
  for command in "$@"; do have "$command" || missing+=("$command"); done
  for command in "${missing[@]}"; do
    if [ -n "${crate_of[$command]:-}" ]; then building+=("$command"); else packages+=("${package_of[$command]}"); fi
  done
  if [ ${#building[@]} -gt 0 ] && wheels_fit && can_install && ! have pip; then packages+=(python3-pip); fi
  if [ ${#packages[@]} -gt 0 ]; then install_packages "${packages[@]}"; fi
  if [ ${#building[@]} -gt 0 ]; then install_tools "${building[@]}"; fi
  for command in "${missing[@]}"; do
    have "$command" || stop "$command is still missing after installing ${package_of[$command]:-${crate_of[$command]:-}}"
  done
}

install_packages() {
  if ! can_install; then
    stop "Missing: $*. On Debian and Ubuntu: sudo apt-get install $*. Or run only some steps, see ./test --list"
  fi
  echo "installing $*"
  apt-get update -qq >/dev/null || true # a stale list may still do
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >"$tools/apt.log" 2>&1 ||
    stop "apt-get could not install $*; see $tools/apt.log"
}

can_install() { [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; }

wheels_fit() { [ "$(uname -sm)" = "Linux x86_64" ]; }

install_tools() {
  echo "installing $* into $tools"
  if wheels_fit && have pip; then
    local wheel
    python3 -m pip install --quiet --no-deps --upgrade --require-hashes --root-user-action=ignore \
      --target "$tools/wheels" -r .ci/tools.txt && mkdir -p "$tools/bin" &&
      for wheel in "$@"; do cp "$tools/wheels/bin/$wheel" "$tools/bin/"; done && return
    echo "the wheels could not be had; building instead"
  fi
  local tool
  for tool in "$@"; do cargo install --locked --quiet --root "$tools" "${crate_of[$tool]}" || stop "cargo could not install $tool"; done
}
