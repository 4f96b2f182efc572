# Makes a changelog of Debian's form (deb-changelog(5)) from one of the form of Keep a Changelog. Variables: version and
# date of what is not released yet, and maintainer.

function entry() {
    if (point != "") wrapped("  * ", point)
    point = ""
}

function wrapped(start, text,    words, count, i, line) {
    count = split(text, words, " ")
    line = start words[1]
    for (i = 2; i <= count; i++) {
        if (length(line) + 1 + length(words[i]) > 79) {
            print line
            line = "   "
        }
        line = line " " words[i]
    }
    print line
}

function signature() {
    entry()
    if (open) printf "\n -- %s  %s\n\n", maintainer, dated
}

function begin(name, when) {
    signature()
    open = 1
    dated = when
    printf "fieldfare (%s) unstable; urgency=medium\n", name
}

/^## \[Unreleased\]/ { begin(version, date); next }
/^## \[/ {
    "LC_ALL=C date -u -R -d " $4 | getline released
    begin(substr($2, 2, length($2) - 2), released)
    next
}
!open { next }
/^### / { entry(); printf "\n  [ %s ]\n", substr($0, 5); next }
/^- / { entry(); point = substr($0, 3); next }
/^ +/ { point = point " " substr($0, 3); next }
END { signature() }
