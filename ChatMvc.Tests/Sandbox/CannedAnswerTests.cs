using System.Text.Json;
using System.Text.RegularExpressions;

namespace ChatMvc.Tests.Sandbox;

public class CannedAnswerTests : SandboxServer
{
    public static TheoryData<string, string[]> Kinds => new()
    {
        { "Write a C# function that finds prime numbers", ["```csharp", "prime"] },
        { "Can you show me some code in Rust for parsing dates?", ["```rust", "```"] },
        { "Compare tea and coffee", ["| | Tea | Coffee |", "|---|---|---|"] },
        { "What is the difference between TCP and UDP?", ["| | TCP | UDP |"] },
        { "How do I repot a monstera?", ["- [ ] ", "1. ", "repot a monstera"] },
        { "Give me 7 ideas for a birthday party", ["7. ", "birthday party"] },
        { "Explain how photosynthesis works", ["## ", "**", "hotosynthesis", "](https://"] },
        { "What is 12*(3+4)?", ["**84**"] },
        { "What is 15% of 80?", ["**12**"] },
        { "What is the capital of France?", ["**Paris**"] },
        { "Translate good morning to Spanish", ["buenos días"] },
        { "Hello!", ["Hello"] },
        { "Write a poem about the sea", ["the sea", "  \n"] },
        { "Repeat after me: blue elephants", ["blue elephants"] },
    };

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task An_answer_responds_to_the_kind_of_question_and_says_where_it_is_from(string question, string[] expected)
    {
        var answer = await Answer(question);
        Assert.All(expected, part => Assert.Contains(part, answer));
        Assert.Contains("sandbox", answer);
        Assert.Contains("not from a model", answer);
        Assert.Contains("`gpt-6-luna`", answer);
    }

    [Theory]
    [InlineData("Write 50 words about lighthouses", 50, 12)]
    [InlineData("Write 200 words about lighthouses", 200, 20)]
    [InlineData("Write 2000 words about the history of tea", 2000, 60)]
    [InlineData("Write an essay of 5,000 words about bridges", 5000, 100)]
    [InlineData("Write a short note about lighthouses", 45, 20)]
    [InlineData("Tell me about lighthouses in detail", 700, 40)]
    public async Task An_answer_is_about_as_long_as_asked(string question, int words, int give) =>
        Assert.InRange(Regex.Count(await Answer(question), @"\S+"), words - give, words + give);

    [Fact]
    public async Task Two_thousand_words_are_worth_scrolling_through()
    {
        var answer = await Answer("Write 2000 words about the history of tea in Japan");
        Assert.True(Regex.Count(answer, "^## ", RegexOptions.Multiline) >= 8);
        Assert.True(Regex.Count(answer, "tea in Japan") >= 10);
        Assert.Contains("\n> ", answer);
        Assert.Contains("\n- ", answer);
        Assert.Contains("|---|", answer);
        var sentences = Regex.Matches(answer, @"[A-Z][^.\n]{40,}\.").Select(match => match.Value).ToList();
        Assert.Equal(sentences.Count, sentences.Distinct().Count());
    }

    [Fact]
    public async Task The_same_conversation_has_the_same_answer_and_another_has_another()
    {
        Assert.Equal(await Answer("Explain tides"), await Answer("Explain tides"));
        Assert.NotEqual(await Answer("Explain tides"), await Answer("Explain the tides"));
    }

    [Fact]
    public async Task A_follow_up_refers_to_the_turn_before_it_and_can_recall_it()
    {
        var followUp = await AnswerTo(Chat(("user", "Explain how tides work"), ("assistant", "They come and go."), ("user", "And why twice a day?")));
        Assert.Contains("“Explain how tides work”", followUp);
        var recall = await AnswerTo(Chat(("user", "My name is Maya"), ("assistant", "Hello Maya."), ("user", "What is my name?")));
        Assert.Contains("My name is Maya", recall);
        Assert.Contains("“Talk like a pirate”", await AnswerTo(Chat(("system", "Talk like a pirate"), ("user", "Explain tides"))));
    }

    [Fact]
    public async Task Continue_goes_on_exactly_where_a_cut_answer_stopped()
    {
        const string question = "Write 400 words about lighthouses";
        var whole = await Answer(question);
        var start = await AnswerTo(Question(question, more: ""","max_completion_tokens":100"""));
        Assert.StartsWith(start, whole);
        var rest = await AnswerTo(Chat(("user", question), ("assistant", start), ("user", "Continue")));
        Assert.StartsWith(whole[start.Length..].TrimStart(), rest.TrimStart());
        Assert.Contains("not from a model", rest);

        var more = await AnswerTo(Chat(("user", question), ("assistant", whole), ("user", "go on")));
        Assert.Contains("To go on with lighthouses", more);
    }

    [Theory]
    [InlineData("")]
    [InlineData("?")]
    [InlineData("<script>alert(1)</script>")]
    [InlineData("[x](javascript:alert(1)) `${7*7}` **")]
    [InlineData("潮汐是怎么形成的?")]
    [InlineData("((((((((((1+1")]
    [InlineData("1/0")]
    [InlineData("Compare")]
    [InlineData("how to")]
    [InlineData("Write 99999999 words")]
    [InlineData("Give me 0 ideas")]
    public async Task Odd_questions_have_an_answer_too(string question)
    {
        var answer = await Answer(question);
        Assert.Contains("not from a model", answer);
        Assert.DoesNotContain("<script", answer);
        Assert.DoesNotContain("javascript:", answer);
        Assert.DoesNotContain("  and", answer);
    }

    [Theory]
    [InlineData("Explain how tides work")]
    [InlineData("Hi")]
    [InlineData("Compare tea and coffee")]
    [InlineData("How do I bake sourdough bread at home without a Dutch oven?")]
    [InlineData("Write a Python function that counts words")]
    [InlineData("What is 2+2?")]
    [InlineData("<b>?</b>")]
    [InlineData("潮汐是怎么形成的?")]
    public async Task A_title_is_three_to_six_plain_words(string question)
    {
        var title = await AnswerTo(Chat(("system", "Name the conversation with a short title."), ("user", question)));
        Assert.InRange(title.Split(' ').Length, 3, 6);
        Assert.DoesNotMatch(@"[""*_`<>\n]|\.$|  ", title);
    }

    private static string Chat(params (string Role, string Content)[] turns) =>
        JsonSerializer.Serialize(new { model = "gpt-6-luna", messages = turns.Select(turn => new { role = turn.Role, content = turn.Content }) });
}
