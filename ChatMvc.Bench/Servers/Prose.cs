using System.Text;

namespace ChatMvc.Bench.Servers;

/// <summary>Conversations like real ones: a question of a sentence, an answer of about 150 words with now and then a list or some code.</summary>
internal static class Prose
{
    private const int ListEvery = 3, CodeEvery = 5;

    private static readonly string[] Questions =
    [
        "How long should the dough rest before I shape it?",
        "Can you explain why my loaf is flat, and what I should change first?",
        "What is the difference between baker's percentages and ordinary recipes?",
        "Could you write me a small function that scales a recipe to another weight of flour?",
    ];

    private static readonly string[] Sentences =
    [
        "Good bread is mostly a matter of time, and most of that time asks nothing of you.",
        "Flour, water, salt and a little **yeast** are enough; everything else is a choice.",
        "A dough that rests in the cold for a night tastes better than one that was hurried in an hour.",
        "Watch the dough and not the clock, because a warm kitchen can halve every time that a recipe gives.",
        "If the loaf spreads instead of rising, it was probably left for too long, or shaped without enough tension.",
        "Weigh what you use: a cup of flour can differ by a third, and then no advice about water holds.",
        "The oven should be *hotter* than you think, with a pot of `water` at its bottom for the first ten minutes.",
        "Let it cool before you cut it; the inside goes on setting for an hour after it has left the oven.",
        "There is more about this at [the baker's notes](https://example.com/bread) if you want to read on.",
    ];

    private const string List = """
        1. Mix flour and water, and let both stand for half an hour.
        2. Add the salt and the yeast, and knead until the dough is smooth.
        3. Fold it three times in the first two hours, each time from all four sides.
        4. Shape it, let it rise once more, and bake it on a hot stone.


        """;

    private const string Code = """
        ```python
        def scale(recipe, flour):
            factor = flour / recipe["flour"]
            return {name: round(grams * factor, 1) for name, grams in recipe.items()}

        print(scale({"flour": 500, "water": 350, "salt": 10}, flour=800))
        ```


        """;

    public static string Question(int number) => Questions[number % Questions.Length];

    public static string Answer(int number)
    {
        var text = new StringBuilder();
        var next = number;
        Paragraph(text, ref next, 4);
        if (number % ListEvery == 0) text.Append(List);
        if (number % CodeEvery == 0) text.Append(Code);
        Paragraph(text, ref next, 4);
        return text.ToString().TrimEnd();
    }

    private static void Paragraph(StringBuilder text, ref int next, int sentences)
    {
        for (var n = 0; n < sentences; n++) text.Append(Sentences[next++ % Sentences.Length]).Append(n == sentences - 1 ? "\n\n" : " ");
    }
}
