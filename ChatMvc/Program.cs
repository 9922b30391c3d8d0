using System.Net.Sockets;
using ChatMvc.Accounts;
using ChatMvc.Billing;
using ChatMvc.Billing.Stripe;
using ChatMvc.Chats;
using ChatMvc.Completions;
using ChatMvc.Control;
using ChatMvc.Data;
using ChatMvc.Jobs;
using ChatMvc.Operators;
using ChatMvc.Operators.Health;
using ChatMvc.Sandbox;
using ChatMvc.Shared;
using ChatMvc.Sms;
using Microsoft.AspNetCore.Connections;

namespace ChatMvc;

/// <summary>The table of contents.</summary>
public static class Program
{
    /// <summary>Titles, text messages and sweeps never wait for an answer to end.</summary>
    private const int JobsBesideAnswers = 20;

    public static async Task<int> Main(string[] args)
    {
        try
        {
            return await CommandLine.RunAsync(args, ServeAsync);
        }
        catch (SettingsException e)
        {
            return await RefuseAsync(e.Message);
        }
        catch (Exception e) when (e is IOException { InnerException: AddressInUseException or SocketException } or SocketException)
        {
            return await RefuseAsync($"Urls cannot be listened on: {e.Message}");
        }
        catch (Exception e) when (e is FormatException or InvalidDataException)
        {
            // Kestrel's word for an address, and the configuration's for a file.
            return await RefuseAsync($"Urls or appsettings.json is malformed: {e.Message}");
        }
        catch (Exception e) when (e is Microsoft.Data.Sqlite.SqliteException or UnauthorizedAccessException)
        {
            return await RefuseAsync($"DataDirectory cannot be used: {e.Message}");
        }
    }

    private static async Task<int> ServeAsync(string[] settings)
    {
        await using var app = Build(settings);
        await app.RunAsync();
        return 0;
    }

    private static async Task<int> RefuseAsync(string reason)
    {
        await Console.Error.WriteLineAsync(reason.ReplaceLineEndings(" "));
        return 1;
    }

    /// <summary>The whole server, ready to run.</summary>
    /// <param name="args">Settings as on the command line.</param>
    /// <param name="also">What a test puts in place of the clock and the like.</param>
    /// <exception cref="SettingsException">The start is refused; the message says why in one line.</exception>
    public static WebApplication Build(string[] args, Action<WebApplicationBuilder>? also = null)
    {
        var builder = CreateBuilder(args);
        var (sandbox, openAI) = AddFeatures(builder);
        if (sandbox.Enabled == true) builder.Services.AddSandbox();
        // Last, so that a setting which stops the start leaves nothing open.
        var directory = builder.AddData(builder.AddSettings<ServerSettings>());
        builder.Services.AddJobs(directory.JobsDatabase, openAI.MaxConcurrency + JobsBesideAnswers);
        builder.Services.AddScoped<Bell>();
        builder.Services.AddHostedService<ControlSocket>();
        also?.Invoke(builder);

        var app = builder.Build();
        app.MigrateDatabase();
        app.UseServer();
        app.TellOfPlainHttp();
        app.MapSms();
        app.MapBilling();
        app.MapChats();
        app.MapHealth();
        if (sandbox.Enabled == true) app.MapSandbox();
        return app;
    }

    /// <summary>Everything that reads settings, and opens nothing.</summary>
    internal static (SandboxSettings Sandbox, OpenAISettings OpenAI) AddFeatures(WebApplicationBuilder builder)
    {
        var sandbox = builder.AddUpstreams();
        builder.AddServer();
        builder.AddAccounts();
        builder.AddSms();
        builder.AddBilling();
        builder.AddChats();
        var openAI = builder.AddCompletions();
        builder.AddOperators();
        builder.AddHealth();
        return (sandbox, openAI);
    }

    /// <summary>Settings from everywhere, and nothing built yet.</summary>
    internal static WebApplicationBuilder CreateBuilder(string[] args)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions
        {
            // Settings are read at the start: nothing below the program is watched for changes.
            Args = ["--hostBuilder:reloadConfigOnChange=false", .. args],
            ContentRootPath = AppContext.BaseDirectory,
            ApplicationName = typeof(Program).Assembly.GetName().Name,
        });
        builder.AddCredentials();
        return builder;
    }
}
