#!/bin/sh
# Installs what the tests need and this machine does not have, by the system's
# package manager. It says what is missing where it cannot.
set -eu

missing=
for program in gcc curl strace; do
	command -v "$program" >/dev/null 2>&1 || missing="$missing $program"
done
# The tests start a server of their own from its binaries, unless they are given one.
if [ -z "${LOBBY_TEST_POSTGRES:-}" ] && ! command -v postgres >/dev/null 2>&1 &&
	! ls /usr/lib/postgresql/*/bin/postgres /usr/pgsql-*/bin/postgres "$(pg_config --bindir 2>/dev/null)/postgres" 2>/dev/null | grep -q .; then
	missing="$missing postgresql"
fi
[ -z "$missing" ] && exit 0

if command -v apt-get >/dev/null 2>&1; then
	sudo=
	[ "$(id -u)" = 0 ] || sudo=sudo
	$sudo apt-get update -qq
	# shellcheck disable=SC2086 # one word a package
	DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq $missing >/dev/null
	exit 0
fi
echo "the tests need these programs; please install them:$missing" >&2
exit 1
