using System.Globalization;
using ChatMvc.Accounts;
using ChatMvc.Data;
using ChatMvc.Operators.Access;
using ChatMvc.Operators.Audit;
using ChatMvc.Operators.State;
using Microsoft.EntityFrameworkCore;

namespace ChatMvc.Control;

/// <summary>What commands do to the database, in the server or, where none runs, in the command's own process.</summary>
internal static class ControlCommands
{
    public const string InviteUser = "user invite";
    public const string AddOperator = "operator add";
    public const string RemoveOperator = "operator remove";
    public const string NoteBackup = "backup";

    public static Task<ControlAnswer> RunAsync(IServiceProvider services, ControlRequest request, CancellationToken cancellation) => request.Command switch
    {
        InviteUser => InviteAsync(services, request.Phone, cancellation),
        AddOperator => AddOperatorAsync(services, request.Phone, cancellation),
        RemoveOperator => RemoveOperatorAsync(services, request.Phone, cancellation),
        NoteBackup => NoteBackupAsync(services, request.Value ?? "", cancellation),
        _ => Task.FromResult(new ControlAnswer(false, "The server that runs knows no such command. Is it of another version?")),
    };

    private static async Task<ControlAnswer> InviteAsync(IServiceProvider services, string phone, CancellationToken cancellation)
    {
        if (!IsNumber(phone, out var number)) return new(false, "That is not a phone number.");
        var invitations = ActivatorUtilities.CreateInstance<Invitations>(services);
        return new(true, await invitations.InviteAsync(number, cancellation) switch
        {
            Inviting.Invited => $"{number} may sign up now.",
            Inviting.InvitedBefore => $"{number} was invited before, and may sign up.",
            _ => $"{number} has an account already, and can sign in.",
        });
    }

    private static async Task<ControlAnswer> AddOperatorAsync(IServiceProvider services, string phone, CancellationToken cancellation)
    {
        if (!IsNumber(phone, out var number)) return new(false, "That is not a phone number.");
        var (db, now) = (services.GetRequiredService<ChatDb>(), services.GetRequiredService<TimeProvider>().GetUtcNow());
        return await db.WriteAsync(async () =>
        {
            if (await services.GetRequiredService<OperatorNumbers>().IncludeAsync(db, phone, cancellation)) return new ControlAnswer(true, $"{number} is an operator already.");
            db.OperatorGrants.Add(new OperatorGrant(number, now));
            services.GetRequiredService<AuditLog>().Note(new Deed("add operator", $"number {number}", Before: "no operator", After: "operator"));
            return new ControlAnswer(true, await db.Users.AnyAsync(u => u.Phone == phone, cancellation)
                ? $"{number} is an operator now, and may open /ops."
                : $"{number} is an operator now. It has no account yet, and may sign up whatever SignUp:Mode is.");
        }, cancellation);
    }

    private static async Task<ControlAnswer> RemoveOperatorAsync(IServiceProvider services, string phone, CancellationToken cancellation)
    {
        if (!IsNumber(phone, out var number)) return new(false, "That is not a phone number.");
        var db = services.GetRequiredService<ChatDb>();
        var wasGranted = await db.WriteAsync(async () =>
        {
            if (await db.OperatorGrants.FindAsync([phone], cancellation) is not { } grant) return false;
            db.OperatorGrants.Remove(grant);
            services.GetRequiredService<AuditLog>().Note(new Deed("remove operator", $"number {number}", Before: "operator", After: "no operator"));
            return true;
        }, cancellation);
        if (services.GetRequiredService<OperatorNumbers>().IsConfigured(phone))
            return new(false, $"{number} stays an operator by the setting Operators. Take it out there and restart the server.");
        return new(true, wasGranted ? $"{number} is no operator any more. /ops is closed to it from its next request on." : $"{number} is no operator.");
    }

    private static async Task<ControlAnswer> NoteBackupAsync(IServiceProvider services, string fact, CancellationToken cancellation)
    {
        if (fact.Split(' ', 3) is not [var madeAt, var bytes, not ""] || fact.Length > ServerFact.MaxValue || !IsCount(madeAt) || !IsCount(bytes)) return new(false, "That is no backup.");
        await services.GetRequiredService<ServerFacts>().SetAsync(services.GetRequiredService<ChatDb>(), ServerFacts.LastBackup, fact, _ => { }, cancellation);
        return new(true, "It is noted.");
    }

    private static bool IsCount(string digits) => long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out _);

    private static bool IsNumber(string phone, out PhoneNumber number)
    {
        number = PhoneNumber.TryParse(phone, "", out var read) && read.Value.ToString() == phone ? read.Value : default;
        return number != default;
    }
}
