using System.Reflection;
using ChatMvc.Operators;
using ChatMvc.Operators.Audit;
using Microsoft.EntityFrameworkCore;

namespace ChatMvc.Tests.Operators;

/// <summary>Names the handler of an operators' page whose deed a test finds in the audit log. Each handler needs one.</summary>
[AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
internal sealed class FindsInAuditLogAttribute(Type page, string handler) : Attribute
{
    public Type Page => page;
    public string Handler => handler;
}

/// <summary>A server with an operator, whose name is Olga.</summary>
internal static class Ops
{
    public const string Operator = "Olga";

    public static Task<TestApp> StartAsync(params string[] settings) => TestApp.StartAsync([$"Operators={TestApp.PhoneOf(Operator)}", .. settings]);

    /// <summary>The handlers that change something, of all pages below <c>/ops</c>.</summary>
    public static IReadOnlyList<(Type Page, string Handler)> Deeds =>
    [
        .. typeof(OpsPage).Assembly.GetTypes().Where(t => t.IsSubclassOf(typeof(OpsPage)) && !t.IsAbstract)
            .SelectMany(t => t.GetMethods(BindingFlags.Instance | BindingFlags.Public).Where(m => m.Name.StartsWith("OnPost", StringComparison.Ordinal)).Select(m => (t, m.Name))),
    ];

    extension(TestApp app)
    {
        public Task<Visitor> SignInAsOperatorAsync() => app.SignInAsAsync(Operator);

        /// <summary>A webhook that waits for an operator.</summary>
        public Task StuckAsync(string id, string state, string? about = "sub_none") =>
            app.ReadAsync(db => db.WriteAsync(() => db.Database.ExecuteSqlAsync($"""
                INSERT INTO WebhookEvents (Id, Type, ObjectId, LiveMode, CreatedAt, ReceivedAt, State, Reason, Attempts, EndedAt)
                VALUES ({id}, 'checkout.session.completed', {about}, 0, 1, {app.Time.GetUtcNow().ToUnixTimeMilliseconds()}, {state}, 'Because.', 9, 1)
                """)));

        /// <summary>The newest entry.</summary>
        public Task<AuditEntry> LastDeedAsync() => app.ReadAsync(db => db.AuditEntries.AsNoTracking().OrderByDescending(e => e.Id).FirstAsync());
    }
}
