package pgtext

import (
	"strings"
	"sync"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Unaccent writes a text without the accents of Latin and Greek letters, as the extension unaccent does.
func Unaccent(s string) string {
	if isASCII(s) {
		return s
	}
	var out strings.Builder
	for _, r := range s {
		out.WriteString(plainLetter(r))
	}
	return out.String()
}

func plainLetter(r rune) string {
	whole := string(r)
	if p, ok := plainLetters[r]; ok {
		return p
	}
	if p, ok := rareLetters()[r]; ok {
		return p
	}
	switch {
	case r < 0xAA:
		return whole
	case r >= 0x300 && r <= 0x362 || r >= 0x20DD && r <= 0x20E4: // a combining accent
		return ""
	case r > 0xFF00 && r < 0xFF5F:
		return string(r - 0xFF00 + 0x20) // a wide form of an ASCII character
	case norm.NFC.String(whole) != whole:
		return whole
	}
	parts := []rune(norm.NFD.String(whole))
	if base := parts[0]; len(parts) > 1 && (base < 128 || base >= 'Α' && base <= 'ω') {
		return string(base)
	}
	return whole
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 128 {
			return false
		}
	}
	return true
}

// plainLetters are the letters and signs that have a plain spelling without being a letter with an accent.
var plainLetters = map[rune]string{
	'Æ': "AE", 'æ': "ae", 'Ø': "O", 'ø': "o", 'ß': "ss", 'ẞ': "SS", 'Ð': "D", 'ð': "d", 'Þ': "TH", 'þ': "th",
	'Đ': "D", 'đ': "d", 'Ħ': "H", 'ħ': "h", 'ı': "i", 'ĸ': "q", 'Ł': "L", 'ł': "l", 'Ŋ': "N", 'ŋ': "n",
	'Œ': "OE", 'œ': "oe", 'Ŧ': "T", 'ŧ': "t", 'ŀ': "l", 'Ŀ': "L", 'ŉ': "'n", 'ĳ': "ij", 'Ĳ': "IJ", 'ſ': "s",
	'«': "<<", '»': ">>", '©': "(C)", '®': "(R)", '×': "*", '÷': "/", '¡': "!", '¿': "?",
	'‘': "'", '’': "'", '‚': ",", '‛': "'", '“': "\"", '”': "\"", '„': ",,", '‟': "\"", '‐': "-", '‑': "-", '‒': "-",
	'–': "-", '—': "-", '―': "-", '…': "...", '′': "'", '″': "\"", '‹': "<", '›': ">", '⁄': "/", '№': "No", 'Ё': "Е",
	'ё': "е", '\u00AD': "-", '±': "+/-", 'ﬀ': "ff", 'ﬁ': "fi", 'ﬂ': "fl", 'ﬃ': "ffi", 'ﬄ': "ffl", 'ﬅ': "st", 'ﬆ': "st",
	'¼': "1/4", '½': "1/2", '¾': "3/4", '℃': "°C", '℉': "°F", '−': "-", '、': ",", '。': ".", '！': "!", '（': "(",
	'）': ")", '，': ",", '－': "-", '．': ".", '：': ":",
}

// rareLetters are further letters and signs, each followed by its plain spelling. Evidence: the
// output of PostgreSQL 15's extension unaccent.
var rareLetters = sync.OnceValue(func() map[rune]string { return spellings(rareSpellings) })

const rareSpellings = `
ƀb ƁB ƂB ƃb ƇC ƈc ƉD ƊD ƋD ƌd ƐE ƑF ƒf ƓG ƕhv ƖI ƗI ƘK ƙk ƚl ƝN ƞn ƢOI ƣoi ƤP ƥp ƫt ƬT ƭt ƮT ƲV ƳY ƴy ƵZ ƶz ǄDZ ǅDz ` +
	`ǆdz ǇLJ
ǈLj ǉlj ǊNJ ǋNj ǌnj ǤG ǥg ǱDZ ǲDz ǳdz ȡd ȤZ ȥz ȴl ȵn ȶt ȷj ȸdb ȹqp ȺA ȻC ȼc ȽL ȾT ȿs ɀz ɃB ɄU ɆE ɇe ɈJ ɉj ɌR ɍr ɎY ` +
	`ɏy ɓb ɕc
ɖd ɗd ɛe ɟj ɠg ɡg ɢG ɦh ɧh ɨi ɪI ɫl ɬl ɭl ɱm ɲn ɳn ɴN ɶOE ɼr ɽr ɾr ʀR ʂs ʈt ʉu ʋv ʏY ʐz ʑz ʙB ʛG ʜH ʝj ʟL ʠq ʣdz ` +
	`ʥdz ʦts ʪls
ʫlz ʹ' ʺ" ʻ' ʼ' ʽ' ˂< ˃> ˄^ ˆ^ ˈ' ː: ˖+ ˗- ˜~ ᴀA ᴁAE ᴃB ᴄC ᴅD ᴆD ᴇE ᴊJ ᴋK ᴌL ᴍM ᴏO ᴘP ᴛT ᴜU ᴠV ᴡW ᴢZ ᵫue ᵬb ᵭd ᵮf ` +
	`ᵯm ᵰn ᵱp ᵲr
ᵳr ᵴs ᵵt ᵶz ᵺth ᵻI ᵽp ᵾU ᶀb ᶁd ᶂf ᶃg ᶄk ᶅl ᶆm ᶇn ᶈp ᶉr ᶊs ᶌv ᶍx ᶎz ᶏa ᶑd ᶒe ᶓe ᶖi ᶙu ẚa ẜs ẝs ỺLL ỻll ỼV ỽv ỾY ỿy ` +
	`‖|| ․. ‥..
‼!! ⁅[ ⁆] ⁇?? ⁈?! ⁉!? ⁎* ₠CE ₢Cr ₣Fr. ₤L. ₧Pts ₹Rs ₺TL ⃡⃡ ℀a/c ℁a/s ℂC ℅c/o ℆c/u ℊg ℋH ℌx ℍH ℎh ℐI ℑI ℒL ℓl ℕN ℗(P) ` +
	`℘P ℙP ℚQ
ℛR ℜR ℝR ℞Rx ℡TEL ℤZ ℨZ ℬB ℭC ℯe ℰE ℱF ℳM ℴo ℹi ℻FAX ⅅD ⅆd ⅇe ⅈi ⅉj ⅐1/7 ⅑1/9 ⅒1/10 ⅓1/3 ⅔2/3 ⅕1/5 ⅖2/5 ⅗3/5 ⅘4/5 ` +
	`⅙1/6 ⅚5/6
⅛1/8 ⅜3/8 ⅝5/8 ⅞7/8 ⅟1/ ⅠI ⅡII ⅢIII ⅣIV ⅤV ⅥVI ⅦVII ⅧVIII ⅨIX ⅩX ⅪXI ⅫXII ⅬL ⅭC ⅮD ⅯM ⅰi ⅱii ⅲiii ⅳiv ⅴv ⅵvi ⅶvii ` +
	`ⅷviii ⅸix
ⅹx ⅺxi ⅻxii ⅼl ⅽc ⅾd ⅿm ↉0/3 ∕/ ∖\ ∣| ∥|| ≠≠ ≪<< ≫>> ≮≮ ≯≯ ⑴(1) ⑵(2) ⑶(3) ⑷(4) ⑸(5) ⑹(6) ⑺(7) ⑻(8) ⑼(9) ⑽(10) ⑾(11) ` +
	`⑿(12)
⒀(13) ⒁(14) ⒂(15) ⒃(16) ⒄(17) ⒅(18) ⒆(19) ⒇(20) ⒈1. ⒉2. ⒊3. ⒋4. ⒌5. ⒍6. ⒎7. ⒏8. ⒐9. ⒑10. ⒒11. ⒓12. ⒔13. ⒕14. ⒖15. ` +
	`⒗16. ⒘17.
⒙18. ⒚19. ⒛20. ⒜(a) ⒝(b) ⒞(c) ⒟(d) ⒠(e) ⒡(f) ⒢(g) ⒣(h) ⒤(i) ⒥(j) ⒦(k) ⒧(l) ⒨(m) ⒩(n) ⒪(o) ⒫(p) ⒬(q) ⒭(r) ⒮(s) ⒯(t) ` +
	`⒰(u) ⒱(v)
⒲(w) ⒳(x) ⒴(y) ⒵(z) ⦅(( ⦆)) ⩴::= ⩵== ⩶=== ⱠL ⱡl ⱢL ⱣP ⱤR ⱥa ⱦt ⱧH ⱨh ⱩK ⱪk ⱫZ ⱬz ⱮM ⱱv ⱲW ⱳw ⱴv ⱸe ⱺo ⱾS ⱿZ 〇0 〈< ` +
	`〉> 《<< 》>>
〔[ 〕] 〘[ 〙] 〚[ 〛] 〝" 〞" ㍱hPa ㍲da ㍳AU ㍴bar ㍵oV ㍶pc ㍷dm ㍺IU ㎀pA ㎁nA ㎃mA ㎄kA ㎅KB ㎆MB ㎇GB ㎈cal ㎉kcal ㎊pF ㎋nF ㎎mg ㎏kg ` +
	`㎐Hz ㎑kHz
㎒MHz ㎓GHz ㎔THz ㎙fm ㎚nm ㎜mm ㎝cm ㎞km ㎧m/s ㎩Pa ㎪kPa ㎫MPa ㎬GPa ㎭rad ㎮rad/s ㎰ps ㎱ns ㎳ms ㎴pV ㎵nV ㎷mV ㎸kV ㎹MV ㎺pW ㎻nW ㎽mW ` +
	`㎾kW ㎿MW
㏂a.m. ㏃Bq ㏄cc ㏅cd ㏆C/kg ㏇Co. ㏈dB ㏉Gy ㏊ha ㏋HP ㏌in ㏍KK ㏎KM ㏏kt ㏐lm ㏑ln ㏒log ㏓lx ㏔mb ㏕mil ㏖mol ㏗pH ㏘p.m. ㏙PPM ㏚PR ㏛sr ` +
	`㏜Sv ㏝Wb
㏞V/m ㏟A/m ︐, ︑, ︒. ︓: ︔; ︕! ︖? ︙... ︰.. ︱- ︲- ︵( ︶) ︷{ ︸} ︹[ ︺] ︽<< ︾>> ︿< ﹀> ﹇[ ﹈] ﹐, ﹑, ` +
	`﹒. ﹔; ﹕: ﹖? ﹗! ﹘- ﹙( ﹚) ﹛{ ﹜} ﹝[ ﹞]
﹟# ﹠& ﹡* ﹢+ ﹣- ﹤< ﹥> ﹦= ﹨\ ﹩$ ﹪% ﹫@ ｟(( ｠)) ｡. ､, ￩<- ￫->
`

func spellings(list string) map[rune]string {
	out := map[rune]string{}
	for _, s := range strings.Fields(list) {
		r, width := utf8.DecodeRuneInString(s)
		out[r] = s[width:]
	}
	return out
}
