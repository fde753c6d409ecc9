package compare

import (
	"fmt"
	"strings"
)

// pathGlob is a path of a JSON value in which * stands for any key, [*] for any index and ** for anything. Paths are
// matched for each value of each answer, for which regular expressions are too slow.
type pathGlob struct {
	pattern string
	end     string // what follows the last * of the pattern
}

// globPath checks a path with *.
func globPath(glob string) (*pathGlob, error) {
	if !strings.HasPrefix(glob, "$") {
		return nil, fmt.Errorf("path %q must begin with $", glob)
	}
	return &pathGlob{glob, glob[strings.LastIndexAny(glob, "*]")+1:]}, nil
}

// MatchString reports whether the glob stands for a path.
func (g *pathGlob) MatchString(path string) bool {
	return strings.HasSuffix(path, g.end) && matchGlob(g.pattern, path)
}

func matchGlob(pattern, path string) bool {
	for pattern != "" {
		switch {
		case strings.HasPrefix(pattern, "**"):
			return matchAfter(pattern[2:], path, "")
		case strings.HasPrefix(pattern, "[*]"):
			after, ok := afterIndex(path)
			if !ok {
				return false
			}
			pattern, path = pattern[3:], after
		case pattern[0] == '*':
			return matchAfter(pattern[1:], path, ".[]")
		case path == "" || pattern[0] != path[0]:
			return false
		default:
			pattern, path = pattern[1:], path[1:]
		}
	}
	return path == ""
}

// matchAfter matches the rest of a pattern after any number of bytes of a path that are not in end.
func matchAfter(pattern, path, end string) bool {
	for i := 0; ; i++ {
		if matchGlob(pattern, path[i:]) {
			return true
		}
		if i == len(path) || strings.IndexByte(end, path[i]) >= 0 {
			return false
		}
	}
}

// afterIndex returns what follows an index like [12] at the beginning of a path.
func afterIndex(path string) (rest string, ok bool) {
	if !strings.HasPrefix(path, "[") {
		return "", false
	}
	digits, rest, ok := strings.Cut(path[1:], "]")
	return rest, ok && digits != "" && strings.Trim(digits, "0123456789") == ""
}
