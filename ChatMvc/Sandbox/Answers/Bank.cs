namespace ChatMvc.Sandbox.Answers;

/// <summary>Items for lists: ideas and steps that take up the topic's words.</summary>
internal static class Bank
{
    private static readonly (string Name, string Text)[] AllIdeas =
    [
        ("Start a {f} notebook", "a page a day, no more than five lines, dated"), ("Ask three people", "who deal with {t} every week, and ask each the same question"),
        ("Make the small version", "one that fits on a table and can be thrown away"), ("Turn it round", "begin at the end of {t} and work backwards"),
        ("Set a limit", "an hour, ten euros or one page, whichever hurts a little"), ("Borrow from next door", "and see how another field deals with {f}"),
        ("Draw it", "boxes and arrows are enough to show where {f} gets stuck"), ("Say it aloud", "to somebody who has never heard of {t}"),
        ("Collect mistakes", "because a shelf of failed attempts teaches faster than a prize"), ("Walk the route", "follow one case of {f} from its start to its end"),
        ("Count one thing", "the same thing, at the same time, for a fortnight"), ("Leave something out", "and notice whether anybody misses it"),
        ("Make a {f} evening", "with friends, tea and one shared question"), ("Write the letter", "that you would send to yourself a year ago about {t}"),
        ("Name the worst case", "then plan for that day only"), ("Swap roles", "and let the quietest person decide about {f}"),
        ("Keep the receipt", "of time as well as of money"), ("Teach a beginner", "as it shows at once which part of {t} you do not understand"),
        ("Build a museum", "of five objects that tell the story of {f}"), ("Do nothing for a week", "and write down what happens anyway"),
    ];

    private static readonly string[] AllSteps =
    [
        "**Look first.** Spend ten minutes on how others go about {t}, and note two things they do alike.", "**Pick one case.** The plainest you can find; {f} can wait until later.",
        "**Gather what you need.** Put it within reach, and put everything else away.", "**Do a rough first pass.** It may be ugly; it has to be whole.",
        "**Check it against the aim.** Ask whether this still serves {f}, and be ready for a no.", "**Change one thing.** Only one, so that you know what made the difference.",
        "**Let it rest.** An hour helps, a night helps more.", "**Finish and tidy up.** Write down what you would do differently with {t} next time.",
        "**Show it to somebody.** Watch their face before you listen to their words.", "**Repeat** while it is still fresh.",
    ];

    /// <summary>Every idea once, in an order of this draw's, with the words of the topic in it; then again with a number.</summary>
    public static IEnumerable<string> Ideas(Topic topic, Draw draw)
    {
        var ideas = draw.Shuffled(AllIdeas);
        for (var i = 0; ; i++)
        {
            var (name, text) = ideas[i % ideas.Count];
            yield return Filled($"**{name}{(i < ideas.Count ? "" : $", round {i / ideas.Count + 1}")}:** {text}.", topic, i);
        }
    }

    /// <summary>Steps in an order that makes sense; the first and the last of few are the ones that count.</summary>
    public static List<string> Steps(Topic topic, Draw draw, int count)
    {
        var kept = draw.Shuffled(Enumerable.Range(0, AllSteps.Length)).Take(count).Order().ToList();
        return [.. Enumerable.Range(0, count).Select(i => Filled(AllSteps[i < kept.Count ? kept[i] : i % AllSteps.Length], topic, i))];
    }

    private static string Filled(string text, Topic topic, int number) => text.Replace("{t}", topic.Phrase).Replace("{f}", topic.Word(number));
}
