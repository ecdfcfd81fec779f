package document

import "bytes"

// withoutComments puts spaces in the place of a text's comments, and of commas behind the
// last value of a mapping or a list, so that what is left has its offsets. open is where a
// comment begins that nothing closes, -1 for none.
func withoutComments(text []byte) (own []byte, open int) {
	own = bytes.Clone(text)
	last, comma := byte(0), -1 // the last byte that means something; a comma that may be too much
	for i := 0; i < len(own); {
		end := i + 1
		switch c := own[i]; {
		case c == '"':
			end = closed(own, i)
		case c == '/' && i+1 < len(own) && (own[i+1] == '/' || own[i+1] == '*'):
			if end = commentEnd(own, i); end < 0 {
				return nil, i
			}
			blank(own[i:end])
			i = end
			continue
		case c == ' ' || c == '\t' || c == '\r' || c == '\n':
			i = end
			continue
		case c == ',':
			comma = -1
			if last != ',' && last != '[' && last != '{' && last != ':' && last != 0 {
				comma = i
			}
		case (c == ']' || c == '}') && last == ',' && comma >= 0:
			own[comma] = ' '
		}
		last, i = own[i], end
	}
	return own, -1
}

// closed is the end of the string that begins at i.
func closed(text []byte, i int) int {
	for i++; i < len(text) && text[i] != '"'; i++ {
		if text[i] == '\\' {
			i++
		}
	}
	return min(i+1, len(text))
}

// commentEnd is where the comment ends that begins at i, -1 where nothing closes it.
func commentEnd(text []byte, i int) int {
	if text[i+1] == '/' {
		if n := bytes.IndexByte(text[i:], '\n'); n >= 0 {
			return i + n
		}
		return len(text)
	}
	n := bytes.Index(text[i+2:], []byte("*/"))
	if n < 0 {
		return -1
	}
	return i + 2 + n + 2
}

// blank leaves line ends as they are.
func blank(text []byte) {
	for i, c := range text {
		if c != '\n' && c != '\r' {
			text[i] = ' '
		}
	}
}
