namespace ChatMvc.Sandbox.Answers;

/// <summary>Sentences that hold of nearly anything: {t} is the topic, {f} one of its telling words. Eight to a theme.</summary>
internal static class ProseThemes
{
    /// <summary>Words of a sentence, about.</summary>
    public const int MeanWords = 21;

    /// <summary>Beginnings for sentences that come a second time.</summary>
    public static readonly string[] Turns =
    [
        "Seen from the side of {f}, ", "Once more, and from closer by: ", "In a second reading, ", "With {f} in mind, ",
        "As a rule of thumb, ", "Some years on, ", "Put the other way round, ", "For the patient reader: ", "Where {f} matters most, ",
    ];

    public static readonly (string Title, string[] Sentences)[] All =
    [
        ("Where it starts",
        [
            "Most accounts of {t} begin too late, with the result on the table and the choices behind it already forgotten.",
            "A better place to begin is the question that {t} was meant to answer, because it still decides what counts as good.",
            "Nobody meets {t} in the abstract: there is a day, a place, and a person who needed something done.",
            "The early attempts look clumsy now, yet each of them settled one thing that later hands no longer had to think about.",
            "What is called progress here is often a small habit that somebody wrote down and that others copied.",
            "The word *{f}* turns up early in the story and keeps its meaning longer than most of the others do.",
            "Old notes about {t} are worth reading for what they take for granted rather than for what they explain.",
            "It helps to keep the first purpose in sight, since nearly every later quarrel is about whether it still holds.",
        ]),
        ("How it works",
        [
            "Underneath, {t} comes down to a few parts that are simple alone and surprising together.",
            "One part gathers what is there, one part chooses, and one part pays attention to what the choice has changed.",
            "Take any of them away and the rest goes on for a while, which is why the damage is so often noticed late.",
            "The order matters more than the speed: a step done early and badly costs more than the same step done late and well.",
            "If you draw {t} as a loop rather than as a line, the odd corner cases begin to look like ordinary ones.",
            "Most of the skill lies in the hand-over between two parts, where {f} is either kept or quietly lost.",
            "It is **not** necessary to understand every detail; it is necessary to know which details can hurt you.",
            "A good test is to explain it to somebody who is bright and busy, and to stop at the first frown.",
        ]),
        ("What people get wrong",
        [
            "The commonest mistake with {t} is to copy the form of a success and to leave out the reason for it.",
            "A close second is to measure what is easy to count, and then to be governed by the number.",
            "People also tend to start too large, so that the first honest feedback arrives when it can no longer be used.",
            "Experts make a different mistake: they skip the step that has never failed them, until it does.",
            "Talk about {f} is cheap, and the louder it gets the more it pays to look at what is actually being done.",
            "Not every failure is instructive, but the ones that repeat are, and they rarely need a meeting to be understood.",
            "There is a kind of tidiness that only moves the mess to where nobody looks; {t} attracts more than its share of it.",
            "When two careful people disagree about {t}, they are usually answering two different questions.",
        ]),
        ("In practice",
        [
            "In practice a modest routine beats a brilliant plan: twenty minutes, most days, with something to show at the end.",
            "Begin with the smallest piece of {t} that somebody would miss if it were gone.",
            "Write down what you expect before you look, since memory is generous with itself afterwards.",
            "Keep two lists, one of what worked and one of what you would not do again; the second grows more useful with time.",
            "Ask for help early and precisely: “I tried this, I saw that, I expected the other” is half of an answer already.",
            "A borrowed tool is fine for the first week; by the third you will know what you want from your own.",
            "Leave a margin, because {f} has a way of taking longer on the day when everything else does too.",
            "And finish: a small thing done teaches more about {t} than three large ones under way.",
        ]),
        ("An example",
        [
            "Imagine a reader called Maya who has one free evening and wants to get somewhere with {t}.",
            "She does not begin with the manual; she begins with one real case, and writes down the first thing that puzzles her.",
            "By eight o’clock she has a rough version that is wrong in two places and right in the one that matters.",
            "The first error is a matter of {f}, and it disappears as soon as she says it aloud.",
            "The second is deeper, because it was hidden in an assumption that had looked too obvious to be written down.",
            "She changes one thing at a time, keeps what holds, and throws the rest away without ceremony.",
            "At ten she stops, not because {t} is exhausted but because tomorrow’s first step is now clear.",
            "What she has at the end is less than she hoped for and more than most people ever get round to.",
        ]),
        ("What it costs",
        [
            "Every account of {t} should have a line for what it costs, and an honest one has three: time, money and attention.",
            "Time is the easiest to see, and for that reason the least likely to ruin anybody.",
            "Money comes in lumps; it is the small, regular sums around {f} that add up unobserved.",
            "Attention is the dear one, since it cannot be saved up and is gone the moment something louder comes along.",
            "Against this stands what is gained, which tends to be undersold because it arrives late and without a label.",
            "A fair comparison asks what would happen if nothing were done at all, and for how long that would be bearable.",
            "The trade is a good one when the costs fall early and the gains keep coming; turn it round and it rarely is.",
            "If the sums come out even, choose whatever leaves the next person freer to change their mind about {t}.",
        ]),
        ("Who it is for",
        [
            "There are at least three kinds of people who care about {t}, and they seldom sit at the same table.",
            "Beginners want to know what to do next, and are poorly served by a history of everything that was ever tried.",
            "Those who do it every day want fewer surprises, and will trade a good deal of elegance for that.",
            "The third kind pays for it or answers for it, and mostly wants to know when to worry.",
            "A text about {t} that serves all three at once is rare; one that says for whom it was written is nearly as good.",
            "Children ask the best questions about {f}, largely because nobody has told them yet which ones are settled.",
            "Whoever teaches it learns it twice, and notices with some embarrassment how much was only ever repeated.",
            "In the end it belongs to those who use it, and they are entitled to use it in ways that nobody planned.",
        ]),
        ("What changes next",
        [
            "Predictions about {t} have a poor record, so what follows is better read as a list of things to watch.",
            "Whatever becomes cheap will be used in places where it was never thought of, and some of them will surprise us.",
            "Rules tend to arrive after the fact, and then they describe the world of five years before.",
            "The parts that depend on {f} will change last, since they rest on habits and not on tools.",
            "It would be no surprise if a plain old method came back under a new name and with better manners.",
            "The interesting work may well lie between two fields that do not yet read each other’s papers.",
            "A sceptic will ask whether {t} still matters in ten years, and the honest answer is that somebody will have to show it.",
            "Until then the best preparation is a clear view of the present, which is rarer than it sounds.",
        ]),
        ("How to judge it",
        [
            "To judge {t} fairly, look at an ordinary day rather than at the best or at the worst one.",
            "Look at who does the work, who gets the thanks, and whether anybody would choose to do it again.",
            "Numbers help where they are compared with other numbers of the same kind, and mislead almost everywhere else.",
            "A good sign is that mistakes are found early and told without fear.",
            "A bad sign is a smooth surface: where {f} never causes trouble, somebody is probably hiding it.",
            "Ask what was left out, because what a careful person leaves out of {t} says more than what they put in.",
            "Then wait a little, since first impressions of this kind are strong and not very reliable.",
            "If it still looks sound after a night’s sleep and one hard question, it probably is.",
        ]),
    ];
}
