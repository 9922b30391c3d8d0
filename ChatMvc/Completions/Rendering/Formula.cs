using Markdig.Helpers;
using Markdig.Parsers;
using Markdig.Renderers;
using Markdig.Renderers.Html;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;

namespace ChatMvc.Completions.Rendering;

/// <summary>A formula in a sentence, as it was written: who has no scripts reads TeX, and what is copied is what was written.</summary>
internal sealed class Formula : LeafInline
{
    public required string Source { get; init; }
}

internal sealed class FormulaParser : InlineParser
{
    public FormulaParser() => OpeningCharacters = ['\\', '$'];

    public override bool Match(InlineProcessor processor, ref StringSlice slice)
    {
        var length = FormulaSource.LengthAt(slice.Text.AsSpan(0, slice.End + 1), slice.Start);
        if (length <= 0) return false;
        processor.Inline = new Formula { Source = slice.Text.Substring(slice.Start, length) };
        slice.Start += length;
        return true;
    }
}

internal sealed class FormulaRenderer : HtmlObjectRenderer<Formula>
{
    protected override void Write(HtmlRenderer renderer, Formula formula) =>
        renderer.Write(FormulaSource.IsDisplay(formula.Source) ? "<span class=\"math display\">" : "<span class=\"math\">").WriteEscape(formula.Source).Write("</span>");
}
