package pgtext

// The states of the machine in tokens.go; their rules are below.
const (
	base state = iota
	inNumWord
	inASCIIWord
	inWord
	inUInt
	inSignedFirst
	inSigned
	inSpace
	inUDecimalFirst
	inUDecimal
	inDecimalFirst
	inDecimal
	inVersionFirst
	inVersion
	inMantissaFirst
	inMantissaSign
	inMantissa
	inEntityFirst
	inEntity
	inEntityNumFirst
	inEntityNum
	inEntityHexFirst
	inEntityHex
	inEntityEnd
	inTagFirst
	inXMLBegin
	inTagCloseFirst
	inTagName
	inTagBeginEnd
	inTag
	inTagQuote
	inTagDoubleQuote
	inTagEnd
	inCommentFirst
	inCommentLast
	inComment
	inCommentCloseFirst
	inCommentCloseLast
	inHostFirstDomain
	inHostDomainSecond
	inHostDomain
	inPortFirst
	inPort
	inHostFirstAN
	inHost
	inEmail
	inFileFirst
	inFileTwiddle
	inPathFirst
	inPathFirstFirst
	inPathSecond
	inFile
	inFileNext
	inURLPathFirst
	inURLPathStart
	inURLPath
	inFURL
	inProtocolFirst
	inProtocolSecond
	inProtocolEnd
	inHyphenASCIIFirst
	inHyphenASCII
	inHyphenWordFirst
	inHyphenWord
	inHyphenNumFirst
	inHyphenNum
	inHyphenDigits
	inParts
	inPartsHyphen
	inPartWord
	inPartASCII
	inPartNum
	inPartUInt
	stateCount
)

type ruleTable = [stateCount][]rule

var parserRules = allRules()

func allRules() *ruleTable {
	r := &ruleTable{}
	wordRules(r)
	numberRules(r)
	markupRules(r)
	hostRules(r)
	fileRules(r)
	hyphenRules(r)
	return r
}

func wordRules(r *ruleTable) {
	r[base] = []rule{
		{is("<"), try, inTagFirst, 0}, {asciiLetter, goOn, inASCIIWord, 0}, {letter, goOn, inWord, 0},
		{digit, goOn, inUInt, 0}, {is("-+"), try, inSignedFirst, 0}, {is("&"), try, inEntityFirst, 0},
		{is("~"), try, inFileTwiddle, 0}, {is("/"), try, inFileFirst, 0}, {is("."), try, inPathFirstFirst, 0},
		{nil, goOn, inSpace, 0},
	}
	r[inNumWord] = []rule{
		{alnum, goOn, inNumWord, 0}, {joiner, goOn, inNumWord, 0}, {is("@"), try, inEmail, 0},
		{is("/"), try, inFileFirst, 0}, {is("."), try, inFileNext, 0}, {is("-"), try, inHyphenNumFirst, 0},
		{nil, found, base, numWord},
	}
	r[inASCIIWord] = []rule{
		{asciiLetter, goOn, inASCIIWord, 0}, {is("."), try, inHostFirstDomain, 0}, {is("."), try, inFileNext, 0},
		{is("-"), try, inHostFirstAN, 0}, {is("-"), try, inHyphenASCIIFirst, 0}, {is("_"), try, inHostFirstAN, 0},
		{is("@"), try, inEmail, 0}, {is(":"), try, inProtocolFirst, 0}, {is("/"), try, inFileFirst, 0},
		{digit, try, inHost, 0}, {digit, goOn, inNumWord, 0}, {letter, goOn, inWord, 0}, {joiner, goOn, inWord, 0},
		{nil, found, base, asciiWord},
	}
	r[inWord] = []rule{
		{letter, goOn, inWord, 0}, {joiner, goOn, inWord, 0}, {digit, goOn, inNumWord, 0},
		{is("-"), try, inHyphenWordFirst, 0}, {nil, found, base, word},
	}
	r[inSpace] = []rule{
		{atEnd, found, base, blank}, {is("<-+&/"), found, base, blank}, {notAlnum, goOn, inSpace, 0},
		{nil, found, base, blank},
	}
}

func numberRules(r *ruleTable) {
	dead := rule{nil, back, 0, 0}
	mantissa := rule{is("eE"), try, inMantissaFirst, 0}
	number := rule{nil, found, base, numberToken}
	r[inUInt] = []rule{
		{digit, goOn, inUInt, 0}, {is("."), try, inHostFirstDomain, 0}, {is("."), try, inUDecimalFirst, 0}, mantissa,
		{is("-_"), try, inHostFirstAN, 0}, {is("@"), try, inEmail, 0}, {asciiLetter, try, inHost, 0},
		{letter, goOn, inNumWord, 0}, {joiner, goOn, inNumWord, 0}, {is("/"), try, inFileFirst, 0}, number,
	}
	r[inSignedFirst] = []rule{{digit, goOn, inSigned, 0}, dead}
	r[inSigned] = []rule{{digit, goOn, inSigned, 0}, {is("."), try, inDecimalFirst, 0}, mantissa, number}
	r[inUDecimalFirst] = []rule{{digit, commit, inUDecimal, 0}, dead}
	r[inUDecimal] = []rule{{digit, goOn, inUDecimal, 0}, {is("."), try, inVersionFirst, 0}, mantissa, number}
	r[inDecimalFirst] = []rule{{digit, commit, inDecimal, 0}, dead}
	r[inDecimal] = []rule{{digit, goOn, inDecimal, 0}, {versionFollows, back, 0, 0}, mantissa, number}
	r[inVersionFirst] = []rule{{digit, commit, inVersion, 0}, dead}
	r[inVersion] = []rule{{digit, goOn, inVersion, 0}, {is("."), try, inVersionFirst, 0}, number}
	r[inMantissaFirst] = []rule{{digit, commit, inMantissa, 0}, {is("+-"), goOn, inMantissaSign, 0}, dead}
	r[inMantissaSign] = []rule{{digit, commit, inMantissa, 0}, dead}
	r[inMantissa] = []rule{{digit, goOn, inMantissa, 0}, number}
}

func markupRules(r *ruleTable) {
	dead := rule{nil, back, 0, 0}
	r[inEntityFirst] = []rule{{is("#"), goOn, inEntityNumFirst, 0}, {asciiLetter, goOn, inEntity, 0},
		{is(":_"), goOn, inEntity, 0}, dead}
	r[inEntity] = []rule{{alnum, goOn, inEntity, 0}, {is(":_.-"), goOn, inEntity, 0}, {is(";"), goOn, inEntityEnd, 0},
		dead}
	r[inEntityNumFirst] = []rule{{is("xX"), goOn, inEntityHexFirst, 0}, {digit, goOn, inEntityNum, 0}, dead}
	r[inEntityNum] = []rule{{digit, goOn, inEntityNum, 0}, {is(";"), goOn, inEntityEnd, 0}, dead}
	r[inEntityHexFirst] = []rule{{hexDigit, goOn, inEntityHex, 0}, dead}
	r[inEntityHex] = []rule{{hexDigit, goOn, inEntityHex, 0}, {is(";"), goOn, inEntityEnd, 0}, dead}
	r[inEntityEnd] = []rule{{nil, found, base, blank}}
	r[inTagFirst] = []rule{
		{is("/"), try, inTagCloseFirst, 0}, {is("!"), try, inCommentFirst, 0}, {is("?"), try, inXMLBegin, 0},
		{asciiLetter, try, inTagName, 0}, {is(":_"), try, inTagName, 0}, dead,
	}
	r[inXMLBegin] = []rule{{is("x"), goOn, inTag, 0}, dead}
	r[inTagCloseFirst] = []rule{{asciiLetter, goOn, inTagName, 0}, dead}
	r[inTagName] = []rule{
		{is("/"), goOn, inTagBeginEnd, 0}, {is(">"), goOn, inTagEnd, 0}, {space, goOn, inTag, 0},
		{alnum, goOn, inTagName, 0}, {is(":_.-"), goOn, inTagName, 0}, dead,
	}
	r[inTagBeginEnd] = []rule{{is(">"), goOn, inTagEnd, 0}, dead}
	r[inTag] = []rule{
		{is(">"), goOn, inTagEnd, 0}, {is("'"), goOn, inTagQuote, 0}, {is("\""), goOn, inTagDoubleQuote, 0},
		{asciiLetter, goOn, inTag, 0}, {digit, goOn, inTag, 0}, {is("=-_#/:.&?%~"), goOn, inTag, 0},
		{space, goOn, inTag, 0}, dead,
	}
	r[inTagQuote] = []rule{{atEnd, back, 0, 0}, {is("'"), goOn, inTag, 0}, {nil, goOn, inTagQuote, 0}}
	r[inTagDoubleQuote] = []rule{{atEnd, back, 0, 0}, {is("\""), goOn, inTag, 0}, {nil, goOn, inTagDoubleQuote, 0}}
	r[inTagEnd] = []rule{{nil, found, base, blank}}
	r[inCommentFirst] = []rule{{is("-"), goOn, inCommentLast, 0}, {is("dD"), goOn, inTag, 0}, dead}
	r[inCommentLast] = []rule{{is("-"), goOn, inComment, 0}, dead}
	r[inComment] = []rule{{atEnd, back, 0, 0}, {is("-"), goOn, inCommentCloseFirst, 0}, {nil, goOn, inComment, 0}}
	r[inCommentCloseFirst] = []rule{{atEnd, back, 0, 0}, {is("-"), goOn, inCommentCloseLast, 0},
		{nil, goOn, inComment, 0}}
	r[inCommentCloseLast] = []rule{{atEnd, back, 0, 0}, {is("-"), goOn, inCommentCloseLast, 0},
		{is(">"), goOn, inTagEnd, 0}, {nil, goOn, inComment, 0}}
}

func hostRules(r *ruleTable) {
	dead := rule{nil, back, 0, 0}
	onward := []rule{{is("-_"), try, inHostFirstAN, 0}, {is("."), try, inHostFirstDomain, 0},
		{is("@"), try, inEmail, 0}}
	host := []rule{{hostEnds, found, inURLPathStart, hostToken}, {is("/"), try, inFURL, 0},
		{nil, found, base, hostToken}}
	r[inHostFirstDomain] = []rule{{asciiLetter, goOn, inHostDomainSecond, 0}, {digit, goOn, inHost, 0}, dead}
	r[inHostDomainSecond] = append(append([]rule{{asciiLetter, goOn, inHostDomain, 0}, {digit, try, inHost, 0}},
		onward...), dead)
	r[inHostDomain] = append(append([]rule{{asciiLetter, goOn, inHostDomain, 0}, {digit, try, inHost, 0},
		{is(":"), try, inPortFirst, 0}}, onward...),
		append([]rule{{digit, back, 0, 0}}, host...)...)
	r[inPortFirst] = []rule{{digit, goOn, inPort, 0}, dead}
	r[inPort] = append([]rule{{digit, goOn, inPort, 0}}, host...)
	r[inHostFirstAN] = []rule{{digit, goOn, inHost, 0}, {asciiLetter, goOn, inHost, 0}, dead}
	r[inHost] = []rule{
		{digit, goOn, inHost, 0}, {asciiLetter, goOn, inHost, 0}, {is("@"), try, inEmail, 0},
		{is("."), try, inHostFirstDomain, 0}, {is("-_"), try, inHostFirstAN, 0}, dead,
	}
	r[inEmail] = []rule{{hostEnds, back, 0, 0}, {hostFollows, found, base, emailToken}, dead}
	r[inURLPathFirst] = []rule{{urlChar, goOn, inURLPath, 0}, dead}
	r[inURLPathStart] = []rule{{nil, goOn, inURLPath, 0}}
	r[inURLPath] = []rule{{urlChar, goOn, inURLPath, 0}, {nil, found, base, urlPath}}
	r[inFURL] = []rule{{pathFollows, found | toHost, base, urlToken}, dead}
	r[inProtocolFirst] = []rule{{is("/"), goOn, inProtocolSecond, 0}, dead}
	r[inProtocolSecond] = []rule{{is("/"), goOn, inProtocolEnd, 0}, dead}
	r[inProtocolEnd] = []rule{{nil, found, base, blank}}
}

func fileRules(r *ruleTable) {
	dead := rule{nil, back, 0, 0}
	r[inFileFirst] = []rule{{asciiAlnum, goOn, inFile, 0}, {is("_"), goOn, inFile, 0}, {is("."), goOn, inPathFirst, 0},
		{is("~"), try, inFileTwiddle, 0}, dead}
	r[inFileTwiddle] = []rule{{asciiAlnum, goOn, inFile, 0}, {is("_"), goOn, inFile, 0},
		{is("/"), goOn, inFileFirst, 0}, dead}
	r[inPathFirst] = []rule{{asciiAlnum, goOn, inFile, 0}, {is("_"), goOn, inFile, 0},
		{is("."), goOn, inPathSecond, 0}, {is("/"), goOn, inFileFirst, 0}, dead}
	r[inPathFirstFirst] = []rule{{is("."), goOn, inPathSecond, 0}, {is("/"), goOn, inFileFirst, 0}, dead}
	r[inPathSecond] = []rule{
		{atEnd, found, base, filePath}, {is("/"), try, inFileFirst, 0}, {is("/"), found, base, filePath},
		{space, found, base, filePath}, dead,
	}
	r[inFile] = []rule{
		{asciiAlnum, goOn, inFile, 0}, {is("."), try, inFileNext, 0}, {is("_-"), goOn, inFile, 0},
		{is("/"), try, inFileFirst, 0}, {nil, found, base, filePath},
	}
	r[inFileNext] = []rule{{asciiAlnum, commit, inFile, 0}, {is("_"), commit, inFile, 0}, dead}
}

func hyphenRules(r *ruleTable) {
	dead := rule{nil, back, 0, 0}
	again := rule{nil, found | rewind, inParts, hyphenated}
	r[inHyphenASCIIFirst] = []rule{{asciiLetter, goOn, inHyphenASCII, 0}, {letter, goOn, inHyphenWord, 0},
		{digit, goOn, inHyphenDigits, 0}, dead}
	r[inHyphenASCII] = []rule{
		{asciiLetter, goOn, inHyphenASCII, 0}, {letter, goOn, inHyphenWord, 0}, {joiner, goOn, inHyphenWord, 0},
		{digit, goOn, inHyphenNum, 0}, {is("-"), try, inHyphenASCIIFirst, 0}, again,
	}
	r[inHyphenWordFirst] = []rule{{letter, goOn, inHyphenWord, 0}, {digit, goOn, inHyphenDigits, 0}, dead}
	r[inHyphenWord] = []rule{
		{letter, goOn, inHyphenWord, 0}, {joiner, goOn, inHyphenWord, 0}, {digit, goOn, inHyphenNum, 0},
		{is("-"), try, inHyphenWordFirst, 0}, again,
	}
	r[inHyphenNumFirst] = []rule{{letter, goOn, inHyphenNum, 0}, {digit, goOn, inHyphenDigits, 0}, dead}
	r[inHyphenNum] = []rule{{alnum, goOn, inHyphenNum, 0}, {joiner, goOn, inHyphenNum, 0},
		{is("-"), try, inHyphenNumFirst, 0}, again}
	r[inHyphenDigits] = []rule{{digit, goOn, inHyphenDigits, 0}, {letter, goOn, inHyphenNum, 0},
		{joiner, goOn, inHyphenNum, 0}, dead}
	r[inParts] = []rule{
		{atEnd, stay, base, 0}, {asciiLetter, goOn, inPartASCII, 0}, {letter, goOn, inPartWord, 0},
		{digit, try, inPartUInt, 0}, {is("-"), try, inPartsHyphen, 0}, {nil, stay, base, 0},
	}
	r[inPartsHyphen] = []rule{{alnum, found, inParts, blank}, {joiner, found, inParts, blank}, dead}
	r[inPartWord] = []rule{{letter, goOn, inPartWord, 0}, {joiner, goOn, inPartWord, 0}, {digit, goOn, inPartNum, 0},
		{nil, found, inParts, hyphenPart}}
	r[inPartASCII] = []rule{
		{asciiLetter, goOn, inPartASCII, 0}, {letter, goOn, inPartWord, 0}, {joiner, goOn, inPartWord, 0},
		{digit, goOn, inPartNum, 0}, {nil, found, inParts, hyphenPart},
	}
	r[inPartNum] = []rule{{alnum, goOn, inPartNum, 0}, {joiner, goOn, inPartNum, 0}, {nil, found, inParts, hyphenPart}}
	r[inPartUInt] = []rule{{digit, goOn, inPartUInt, 0}, {letter, commit, inPartNum, 0},
		{joiner, commit, inPartNum, 0}, dead}
}
