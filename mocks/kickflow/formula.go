package kickflow

import (
	"math/big"
	"regexp"
	"slices"
	"strings"
)

var formulaWord = regexp.MustCompile(`\d+(?:\.\d+)?|\{[^}]*\}|\$\w+|[\p{L}_][\p{L}\p{N}_]*|[-+*/(),]`)

// formula evaluates a calculation field. The vendor's language is not published: see the package comment.
// values gives the numbers under a code, several for the column of a slip.
type formula struct {
	words  []string
	values func(code string) []*big.Rat
	broken bool
}

// calculate returns the result with so many decimals, or nil if the formula has none: a division by zero,
// an unknown function, a leftover.
func calculate(text string, decimals *int, values func(code string) []*big.Rat) any {
	f := formula{words: formulaWord.FindAllString(text, -1), values: values}
	v := f.sum()
	if f.broken || len(f.words) > 0 {
		return nil
	}
	if decimals != nil {
		return v.FloatString(*decimals)
	}
	plain := strings.TrimRight(v.FloatString(10), "0")
	return strings.TrimSuffix(plain, ".")
}

func (f *formula) eat(words ...string) string {
	if len(f.words) > 0 && slices.Contains(words, f.words[0]) {
		word := f.words[0]
		f.words = f.words[1:]
		return word
	}
	return ""
}

func (f *formula) sum() *big.Rat {
	v := f.product()
	for {
		switch f.eat("+", "-") {
		case "+":
			v = new(big.Rat).Add(v, f.product())
		case "-":
			v = new(big.Rat).Sub(v, f.product())
		default:
			return v
		}
	}
}

func (f *formula) product() *big.Rat {
	v := f.factor()
	for {
		switch f.eat("*", "/") {
		case "*":
			v = new(big.Rat).Mul(v, f.factor())
		case "/":
			by := f.factor()
			if by.Sign() == 0 {
				f.broken = true
				return v
			}
			v = new(big.Rat).Quo(v, by)
		default:
			return v
		}
	}
}

func (f *formula) factor() *big.Rat {
	if f.eat("-") != "" {
		return new(big.Rat).Neg(f.factor())
	}
	if f.eat("(") != "" {
		v := f.sum()
		f.eat(")")
		return v
	}
	if len(f.words) == 0 {
		f.broken = true
		return new(big.Rat)
	}
	word := f.words[0]
	f.words = f.words[1:]
	f.broken = f.broken || strings.Contains("+*/(),", word)
	if n, ok := new(big.Rat).SetString(word); ok {
		return n
	}
	if f.eat("(") != "" {
		return f.call(strings.ToUpper(word))
	}
	return total(f.values(strings.Trim(word, "${}")))
}

// call applies a function to its arguments; a bare code as argument stands for all its values.
func (f *formula) call(name string) *big.Rat {
	var args []*big.Rat
	for {
		if len(f.words) > 1 && (f.words[1] == ")" || f.words[1] == ",") && !numberPattern.MatchString(f.words[0]) {
			args = append(args, f.values(strings.Trim(f.words[0], "${}"))...)
			f.words = f.words[1:]
		} else {
			args = append(args, f.sum())
		}
		if f.eat(",") == "" {
			break
		}
	}
	f.eat(")")
	switch {
	case name == "SUM":
		return total(args)
	case len(args) > 0 && name == "MIN":
		return slices.MinFunc(args, (*big.Rat).Cmp)
	case len(args) > 0 && name == "MAX":
		return slices.MaxFunc(args, (*big.Rat).Cmp)
	case len(args) > 0 && strings.HasPrefix(name, "ROUND"):
		digits := 0
		if len(args) > 1 {
			digits = int(new(big.Int).Quo(args[1].Num(), args[1].Denom()).Int64())
		}
		return round(args[0], name, min(max(digits, 0), 20))
	}
	f.broken = name != "MIN" && name != "MAX"
	return new(big.Rat)
}

func total(values []*big.Rat) *big.Rat {
	sum := new(big.Rat)
	for _, v := range values {
		sum.Add(sum, v)
	}
	return sum
}

// round rounds half away from zero, ROUNDUP away from zero, ROUNDDOWN towards it.
func round(v *big.Rat, name string, digits int) *big.Rat {
	scale := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(digits)), nil)
	scaled := new(big.Rat).Mul(v, new(big.Rat).SetInt(scale))
	whole, rest := new(big.Int).QuoRem(scaled.Num(), scaled.Denom(), new(big.Int))
	twice := new(big.Int).Abs(new(big.Int).Lsh(rest, 1))
	if name == "ROUNDUP" && rest.Sign() != 0 || name == "ROUND" && twice.Cmp(scaled.Denom()) >= 0 {
		whole.Add(whole, big.NewInt(int64(scaled.Sign())))
	}
	return new(big.Rat).SetFrac(whole, scale)
}
