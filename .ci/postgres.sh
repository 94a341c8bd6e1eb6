# Sourced by ./test: a PostgreSQL of our own, in a temporary folder, on a socket that nobody else sees. Its collation is
# Slovene, so that whatever relies on the order of bytes is found out.

postgres_folder=

# Starts it and names it to the tests.
start_postgres() {
  case $(initdb --help) in # not through a pipe: one that is left early ends initdb, and with pipefail that is a failure
    *--locale-provider*) ;;
    *) stop "PostgreSQL 15 or newer is needed, this is $(initdb --version)" ;;
  esac
  postgres_folder=$(mktemp -d /tmp/wardmote-pg.XXXXXX) # short: a socket's path may have 107 bytes
  local as=()
  if [ "$(id -u)" -eq 0 ]; then # PostgreSQL refuses to run as root
    as=(runuser -u postgres --)
    chown postgres "$postgres_folder"
  fi
  (
    cd "$postgres_folder"
    "${as[@]}" "$(command -v initdb)" -D "$postgres_folder/data" --username=postgres --auth=trust --no-sync \
      --locale-provider=icu --icu-locale=sl-SI --locale=C.UTF-8 --encoding=UTF8 >"$postgres_folder/initdb.log" 2>&1 ||
      { cat "$postgres_folder/initdb.log"; exit 1; }
    "${as[@]}" "$(command -v pg_ctl)" -D "$postgres_folder/data" -l "$postgres_folder/data/log" -w -s start \
      -o "-c listen_addresses= -k $postgres_folder -c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_connections=300"
  ) || stop "PostgreSQL did not start; see $postgres_folder/data/log"
  export WARDMOTE_TEST_POSTGRES="host=$postgres_folder user=postgres"
  echo "$(postgres --version), collation sl-SI, in $postgres_folder"
}

stop_postgres() {
  [ -n "$postgres_folder" ] || return 0
  local as=()
  [ "$(id -u)" -ne 0 ] || as=(runuser -u postgres --)
  (cd / && "${as[@]}" "$(command -v pg_ctl)" -D "$postgres_folder/data" -m immediate -s stop) || true
  rm -rf "$postgres_folder"
  postgres_folder=
}
