using Markdig;
using Markdig.Extensions.AutoLinks;
using Markdig.Extensions.EmphasisExtras;
using Markdig.Extensions.Tables;
using Markdig.Extensions.TaskLists;
using Markdig.Parsers;
using Markdig.Parsers.Inlines;
using Markdig.Renderers;
using Markdig.Renderers.Html;
using Markdig.Syntax;

namespace ChatMvc.Completions.Rendering;

/// <summary>The Markdown we speak: CommonMark without raw HTML, with pipe tables, task lists, strikethrough, the numbers of
/// footnotes, formulas and bare links.</summary>
/// <remarks>
/// No generic attributes (they let the text write <c>onclick</c> and <c>hx-get</c>), so never UseAdvancedExtensions.
/// No footnotes of its own: their ids would collide between the messages of one page. NoteMark stands in their place.
/// </remarks>
internal static class MarkdownGrammar
{
    // A table's width is its header's, as on GitHub; otherwise a later, longer row would change rows already shown.
    private static readonly PipeTableOptions Tables = new() { UseHeaderForColumnCount = true };

    public static readonly MarkdownPipeline Pipeline = Build();

    private static MarkdownPipeline Build()
    {
        var builder = new MarkdownPipelineBuilder()
            .DisableHtml()
            .UsePipeTables(Tables)
            .UseTaskLists()
            .UseEmphasisExtras(EmphasisExtraOptions.Strikethrough)
            .UseAutoLinks(new AutoLinkOptions { UseHttpsForWWWLinks = true });
        builder.Extensions.Add(new Adjustments());
        return builder.Build();
    }

    private sealed class Adjustments : IMarkdownExtension
    {
        public void Setup(MarkdownPipelineBuilder pipeline)
        {
            // http, mailto, www; without f(tp) and t(el), which the allow-list would have to unlink again.
            pipeline.InlineParsers.Find<AutoLinkParser>()!.OpeningCharacters = ['h', 'm', 'w'];
            var notes = new NoteParser();
            pipeline.InlineParsers.InsertBefore<LinkInlineParser>(new NoteMarkParser());
            pipeline.InlineParsers.Insert(0, new FormulaParser());
            pipeline.BlockParsers.Insert(0, notes);
            pipeline.BlockParsers.Insert(0, new FormulaBlockParser());
            pipeline.BlockParsers.Insert(0, TextAfterTableParser.ForMarkers);
            pipeline.BlockParsers.Insert(0, TextAfterTableParser.ForText);
            pipeline.BlockParsers.Find<ParagraphBlockParser>()!.Closed += InlineBudget.Spend;
            notes.Closed += InlineBudget.Spend;
            pipeline.BlockParsers.Find<HeadingBlockParser>()!.Closed += InlineBudget.Spend;
            pipeline.DocumentProcessed += LoosenLists;
        }

        public void Setup(MarkdownPipeline pipeline, IMarkdownRenderer renderer)
        {
            renderer.ObjectRenderers.Add(new NoteMarkRenderer());
            renderer.ObjectRenderers.Add(new FormulaRenderer());
            renderer.ObjectRenderers.Add(new FormulaBlockRenderer());
        }

        // A list turns from tight to loose by a blank line far below its first item. Always giving the paragraphs
        // their tags, and taking the first one away again in the allow-list, keeps HTML already streamed valid.
        private static void LoosenLists(MarkdownDocument document)
        {
            foreach (var list in document.Descendants<ListBlock>()) list.IsLoose = true;
        }
    }
}
