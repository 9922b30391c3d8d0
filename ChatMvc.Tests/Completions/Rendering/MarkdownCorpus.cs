namespace ChatMvc.Tests.Completions.Rendering;

/// <summary>Answers as models write them, and some that they should not.</summary>
internal static class MarkdownCorpus
{
    /// <summary>By name. Those in <see cref="WithDefinitions"/> are read differently as a whole than block by block.</summary>
    public static readonly IReadOnlyDictionary<string, string> Documents = new Dictionary<string, string>
    {
        ["prose"] =
            """
            Water boils at **100 °C** at sea level, but *lower* in the mountains. The reason is ***pressure***: the thinner
            the air, the easier it is for molecules to leave. A kettle on Mont Blanc boils at about `85 °C`, which is why
            tea tastes __flat__ up there.

            Does it matter for pasta? A little. It needs _longer_, and ~~salt makes it boil faster~~ salt hardly changes it.
            """,
        ["whole answer"] =
            """
            # Choosing a database

            SQLite is often **enough** for a service on one machine.

            ## What to look at

            1. **Write rate.** How many transactions a second?
            2. **Machines.** One today may be three tomorrow.
               - Two behind a proxy
               - One in reserve
            3. **Operations.** Who restores the backup?

            ```csharp
            await using var connection = new SqliteConnection("Data Source=chat.db");
            ```

            | Engine | Writers | Backup |
            |---|:---:|---:|
            | SQLite | one | one file |
            | PostgreSQL | many | `pg_dump` |

            > Premature distribution is the root of much evil.

            Read more at https://www.sqlite.org/whentouse.html, which is honest about its limits.
            """,
        ["nested lists"] =
            """
            - Fruit
              - Apples
                - Boskoop, *sour*
                - Gala, **sweet**
              - Pears
            - Vegetables
              1. Leeks
              2. Beets
                 with a second line

                 and a second paragraph
            """,
        ["loose list"] =
            """
            1. First, open the file.

            2. Second, read it:

               ```sh
               cat file
               ```

            3. Third, close it.

            That is all.
            """,
        ["list turning loose at its end"] = "- one\n- two\n- three\n\n- four\n\nDone.",
        ["lists of three markers"] = "- a\n- b\n\n* c\n* d\n\n+ e\n\n7. seven\n8. eight\n\n7) again",
        ["tasks"] = "- [x] written\n- [ ] tested\n  - [x] by *hand*\n  - [ ] by machine\n- [not a task]\n- [X] capital",
        ["code with language"] = "Look:\n\n```csharp\nif (a < b && c > d)\n{\n    return \"<p>\";\n}\n```\n\nGood.",
        ["code without language"] = "```\nplain\n\n\n  text *not emphasised* [no](link)\n~~~\n``\n```\nafter",
        ["code with tildes"] = "~~~~python title=x\n```\nnested\n```\n~~~~\n",
        ["code never closed"] = "Here it comes:\n```js\nconst a = `x`;\n// still going",
        ["indented code"] = "Try:\n\n    make\n    make install\n\nor\n\n\tmake all\n",
        ["code in a list in a quote"] = "> - step\n>   ```sh\n>   ls -la\n>\n>   pwd\n>   ```\n> - next\n\nend",
        ["code spans"] = "Use `a`, ``b ` c``, ``` `` ```, and `multi\nline`. An `unclosed one. And a `closed` one.",
        ["notes"] = "It rises.[^1] And falls[^long-name].\n[^1]: See https://example.org.\n[^long-name]: https://example.org/b\ngoes on\n- item[^1]\n  [^3]: in a list\n\n> [^4]: in a quote\n\n    [^5]: code\n\nEnd[^6]",
        ["table"] = "| Name | Age |\n|:-----|----:|\n| Maya | 31 |\n| *Jun* | `29` |\n| [Site](https://example.com) | a \\| b |\n",
        ["table without outer pipes"] = "a | b\n--|--\n1 | 2\n3 | 4\n\nend",
        ["table and text below"] = "| a | b |\n|---|---|\n| 1 | 2 |\nThis stands directly below.\n\nAnd this further down.",
        ["table and other blocks below"] = "|a|b|\n|-|-|\n|1|2|\n---\n|a|\n|-|\n|1|\n7. seven\n\n> |a|\n> |-|\n> |1|\n> quoted\nlazy\n\n|a|\n|-|\n|1|\n    code",
        ["text above table"] = "The figures:\n| a | b |\n|---|---|\n| 1 | 2 |\n\nNothing else.",
        ["table of one column"] = "| only |\n|---|\n| one |\n| two |",
        ["table rows of odd lengths"] = "| a | b |\n|---|---|\n| 1 |\n| 1 | 2 | 3 |\n| |\n",
        ["pipes that are no table"] = "Use a | b in the shell, or ls | wc -l.\nThen c || d.\n\n| not a table\n\n||",
        ["quotes"] = "> one\n> two\n>\n> three\nlazy four\n\n> > deep\n> back\n\n>no space",
        ["links"] =
            "See [the *docs*](https://example.com/a_(b) \"title\"), <https://example.com/c>, <me@example.com>, " +
            "www.example.com/x_y_z, mailto:me@example.com and http://example.com/?a=1&b=2. [Empty]() and [here](/relative).",
        ["images"] = "![A cat](https://example.com/cat.png) and ![](https://example.com/x.png) and [![in](https://example.com/i.png)](https://example.com).",
        ["setext headings"] = "Title\n=====\n\nPart\nin two lines\n---\n\ntext\n\n***\n\nmore\n",
        ["headings"] = "# One\n## Two ##\n### Three #3\n#### Four\n##### Five\n###### Six\n####### Seven\n#hashtag\n\n#\n\n# C#\n",
        ["unclosed delimiters"] = "This **never ends and *this neither.\n\nA [bracket and a ( paren.\n\nA `tick and an _under.\n\n~~struck",
        ["stray asterisks"] = "2*3 and 4 * 5 and *args and **kwargs here.\n\nf(*a, **b) * 2\n\n* \n\n**\n\na*b*c and snake_case_name and __init__.",
        ["intricate emphasis"] = "**bold *both* bold** *a **b** c* ***x** y* *(a)*b **a**b* _a_b_ *foo**bar**baz* **Note:**text ****.",
        ["maths"] = "If $x < y$ and $a_1 * b_2 = c$, then \\(x^2\\) \\[ \\sum_{i=0}^{n} i \\] and 3 > 2 & 1 < 2; P(A|B) = 0.5.\n\n$$\n\\int_0^1 x\\,dx\n$$",
        ["formulas on lines of their own"] =
            "So:\n\\[\nx = 1\n- y\n\\]\nwhich is\n$$ a_1 * b_2 * c $$\n\n1. First:\n   \\[\n   \\begin{aligned} a &= b \\\\\n   + c &= d \\end{aligned}\n   \\]\n2. Second\n\n> $$\n> q > r\n> $$\n\n" +
            "- \\[ e^{i\\pi} = -1 \\] with words\n- \\(x\\)\n\\[\nz = 2\n\\]\n\n| a | b |\n|---|---|\n| \\(|x|\\) | $|y|$ |\n\\[ x^2 \\]\n\n```latex\n\\[\nnot = this\n```\n\nEnd",
        ["formulas without an end"] =
            "One \\(x and *more*\nwords\n\n\\[\nx = 1\n- y\n\nAfter **it**.\n\n$$\na = b\n\n# Head\n\n$$ again\n1. one\n2. two\n\n- \\[\nx = 2\n\\]\n\nEnd $x",
        ["money"] = "It costs $5 or $10, US$5, $5-$10, 5$ or 6$, $5 to 10$ and **$7** for *one*; `$a` and $HOME/$USER.\n\n| Price |\n|---|\n| $5 |\n| $10 |\n\n$$$ $ $$ \\$5 and $6",
        ["escapes and entities"] = "\\*not\\* \\# \\[a\\](b) &amp; &lt;b&gt; &copy; &#35; &#x22; &bogus; AT&T a\\\nb  \nc \\",
        ["html-looking text"] = "<div class=\"x\">hi</div> and <script>alert(1)</script>\n\n<!-- no -->\n\n<b>bold?</b> a<b, List<int> x; <br/> <https",
        ["Chinese"] = "你好，**世界**。这是一个*简单*的例子：\n\n- 第一项\n- 第二项：`代码`\n\n| 名称 | 数值 |\n|---|---|\n| 甲 | 一 |\n\n**注意：**请先阅读。",
        ["Japanese"] = "# 見出し\n\nこれは「**強調**」です。次に[リンク](https://example.jp/あ)があります。\n\n1. 一つ\n2. 二つ",
        ["Arabic and Hebrew"] = "مرحبا **بالعالم** هذا نص.\n\n- שלום *עולם*\n- mixed עברית and English\n\n> اقتباس",
        ["emoji"] = "Done ✅ 👩‍👩‍👧‍👦 **🎉 party 🎉** :smile: 🇩🇪\n\n- 😀 one\n- 😃 two",
        ["line ends of all kinds"] = "one\r\ntwo\r\n\r\nthree\rfour\n\r\n- a\r\n- b\r\n",
        ["only white space"] = " \n\t\n  \n",
        ["rules"] = "a\n\n---\n\nb\n\n* * *\n\n___\n\n-\n--\n",
        ["long paragraph"] = string.Join(' ', Enumerable.Range(1, 2_000).Select(i => i % 17 == 0 ? $"**word{i}**" : i % 29 == 0 ? $"`w{i}`" : $"word{i}")),
        ["many paragraphs"] = string.Join("\n\n", Enumerable.Range(1, 100).Select(i => $"Paragraph {i} has *some* words, and [a link](https://example.com/{i}).")),
        ["long code"] = "```sql\n" + string.Concat(Enumerable.Range(1, 300).Select(i => $"insert into t values ({i}, 'x');\n")) + "```",
        ["definitions first"] = "[docs]: https://example.com/docs\n[b]: https://example.com/b \"B\"\n\nSee [the docs][docs] and [b].\n",
        ["definitions last"] = "See [the docs][docs] and [docs] now.\n\nMore.\n\n[docs]: https://example.com/docs\n",
    };

    /// <summary>Link definitions reach over blocks, which a stream of blocks cannot: the whole has links where the stream has brackets.</summary>
    public static readonly IReadOnlySet<string> WithDefinitions = new HashSet<string> { "definitions first", "definitions last" };

    public static TheoryData<string> Names => [.. Documents.Keys];
}
