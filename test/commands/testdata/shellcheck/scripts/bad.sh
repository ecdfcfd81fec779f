#!/bin/sh
for f in $(ls *.yaml); do
	cat "$f"
done
if [ "$1" == x ]; then echo a; fi
