using ChatMvc.Completions.Live;
using ChatMvc.Completions.Models;
using ChatMvc.Jobs;
using ChatMvc.Shared;

namespace ChatMvc.Completions;

public static class CompletionSetup
{
    public static OpenAISettings AddCompletions(this IHostApplicationBuilder builder)
    {
        var settings = builder.Configuration.ReadOpenAI();
        var catalog = ModelCatalog.Load(builder.AddSettings<ModelSettings>());
        builder.Services
            .AddSingleton(settings)
            .AddSingleton(catalog)
            .AddSingleton<Boot>()
            .AddSingleton<CompletionBooks>()
            .AddSingleton<UpstreamHealth>()
            .AddSingleton<ModelClient>()
            .AddSingleton<ModelList>()
            .AddSingleton<LiveRooms>().AddHostedService(services => services.GetRequiredService<LiveRooms>())
            .AddHostedService<Checkpoints>()
            .AddScoped<PromptBuilder>()
            .AddScoped<AnswerStream>()
            .AddSingleton<AsideStream>()
            .AddScoped<Answers>()
            .AddJobHandler<AnswerJob>(settings.MaxConcurrency)
            .AddJobHandler<TitleJob>()
            .AddSingleton<SummariesUnderWay>()
            .AddJobHandler<SummaryJob>()
            .AddRecurringJob<AnswerSweep>(AnswerSweep.Every);
        return settings;
    }
}
