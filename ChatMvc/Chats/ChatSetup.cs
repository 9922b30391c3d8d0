using ChatMvc.Chats.Attachments;
using ChatMvc.Chats.Contexts;
using ChatMvc.Chats.List;
using ChatMvc.Jobs;

namespace ChatMvc.Chats;

public static class ChatSetup
{
    public static void AddChats(this IHostApplicationBuilder builder) => builder.Services
        .AddScoped<Sending>()
        .AddScoped<Deletions>()
        .AddScoped<ContextList>()
        .AddScoped<RoomViews>()
        .AddScoped<History.Searches>()
        .AddSingleton<Articles>()
        .AddSingleton<Fragments>()
        .AddSingleton<ListFragments>()
        .AddSingleton<UndoCookie>()
        .AddSingleton<ReadMarks>().AddHostedService(services => services.GetRequiredService<ReadMarks>())
        .AddScoped<ChatLists>()
        .AddScoped<Placing>()
        .AddSingleton<UploadFiles>()
        .AddScoped<Attaching>()
        .AddRecurringJob<ChatSweep>(ChatSweep.Every)
        .AddRecurringJob<AttachmentSweep>(AttachmentSweep.Every);

    public static void MapChats(this IEndpointRouteBuilder app)
    {
        app.MapGet("/chats/rail", RailNews.GetAsync);
        app.MapGet("/chats/{key:maxlength(32)}/events", RoomEvents.GetAsync);
        app.MapGet("/chats/{key:maxlength(32)}/messages/{mid:long}/live", LivePage.GetAsync);
        app.MapGet("/chats/{key:maxlength(32)}/messages/{mid:long}/files/{file:maxlength(32)}", AttachmentFile.GetAsync);
    }
}
