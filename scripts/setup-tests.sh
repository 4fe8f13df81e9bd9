#!/bin/sh
# Installs what the tests need and this machine does not have, by the system's
# package manager. It says what is missing where it cannot.
set -eu

missing=
for program in gcc curl strace; do
	command -v "$program" >/dev/null 2>&1 || missing="$missing $program"
done
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
