using ChatMvc.Shared;
using Microsoft.AspNetCore.Mvc;

namespace ChatMvc.Chats.List;

/// <summary>The list and the rail after a change, for htmx: the same partials as the whole page.</summary>
public sealed class ListFragments(PartialRenderer partials)
{
    public async Task<ContentResult> AllAsync(ListPage page, Rail rail) => new()
    {
        ContentType = "text/html; charset=utf-8",
        Content = $"""
            <hx-partial hx-target="#chat-list" hx-swap="outerHTML">{await partials.RenderAsync("/Chats/List/_List.cshtml", page)}</hx-partial>
            <hx-partial hx-target="#rail-chats" hx-swap="innerHTML">{await partials.RenderAsync("/Chats/List/_RailChats.cshtml", rail)}</hx-partial>
            """,
    };
}
