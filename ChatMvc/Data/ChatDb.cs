using ChatMvc.Accounts;
using ChatMvc.Billing;
using ChatMvc.Billing.Ledger;
using ChatMvc.Billing.Stripe;
using ChatMvc.Chats;
using ChatMvc.Chats.Attachments;
using ChatMvc.Chats.Contexts;
using ChatMvc.Completions;
using ChatMvc.Operators.Access;
using ChatMvc.Operators.Audit;
using ChatMvc.Operators.Models;
using ChatMvc.Operators.State;
using ChatMvc.Sms;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace ChatMvc.Data;

/// <summary>
/// <c>chat.db</c>, the truth. Times are UTC Unix milliseconds, enumerations their names. Reads go anywhere; whatever
/// writes goes through <see cref="WriteAsync{T}"/>.
/// </summary>
public sealed class ChatDb(DbContextOptions<ChatDb> options) : DbContext(options)
{
    public DbSet<User> Users => Set<User>();
    public DbSet<Session> Sessions => Set<Session>();
    public DbSet<OneTimeCode> OneTimeCodes => Set<OneTimeCode>();
    public DbSet<Invitation> Invitations => Set<Invitation>();
    public DbSet<PasswordGuess> PasswordGuesses => Set<PasswordGuess>();
    public DbSet<AccountExport> AccountExports => Set<AccountExport>();
    public DbSet<FormerUse> FormerUses => Set<FormerUse>();
    public DbSet<SmsMessage> SmsMessages => Set<SmsMessage>();
    public DbSet<SmsBlock> SmsBlocks => Set<SmsBlock>();
    public DbSet<Chat> Chats => Set<Chat>();
    public DbSet<ChatMember> ChatMembers => Set<ChatMember>();
    public DbSet<Context> Contexts => Set<Context>();
    public DbSet<ContextVersion> ContextVersions => Set<ContextVersion>();
    public DbSet<Message> Messages => Set<Message>();
    public DbSet<MessagePart> MessageParts => Set<MessagePart>();
    public DbSet<Summary> Summaries => Set<Summary>();
    public DbSet<Attachment> Attachments => Set<Attachment>();
    public DbSet<Completion> Completions => Set<Completion>();
    public DbSet<AllowanceUse> AllowanceUses => Set<AllowanceUse>();
    public DbSet<LedgerEntry> LedgerEntries => Set<LedgerEntry>();
    public DbSet<DailyCost> DailyCosts => Set<DailyCost>();
    public DbSet<StripeCustomer> StripeCustomers => Set<StripeCustomer>();
    public DbSet<Purchase> Purchases => Set<Purchase>();
    public DbSet<Subscription> Subscriptions => Set<Subscription>();
    public DbSet<Invoice> Invoices => Set<Invoice>();
    public DbSet<WebhookEvent> WebhookEvents => Set<WebhookEvent>();
    public DbSet<Reconciliation> Reconciliations => Set<Reconciliation>();
    public DbSet<OperatorGrant> OperatorGrants => Set<OperatorGrant>();
    public DbSet<AuditEntry> AuditEntries => Set<AuditEntry>();
    public DbSet<ServerFact> ServerFacts => Set<ServerFact>();
    public DbSet<OfferedModel> OfferedModels => Set<OfferedModel>();
    public DbSet<CatalogEntry> CatalogEntries => Set<CatalogEntry>();
    public DbSet<CatalogPrice> CatalogPrices => Set<CatalogPrice>();

    /// <summary>
    /// Runs <paramref name="work"/> alone among all writers, in one transaction begun with <c>BEGIN IMMEDIATE</c>, saves
    /// and commits. What is read inside stays true until the commit. Nothing slow may be awaited inside.
    /// </summary>
    public async Task<T> WriteAsync<T>(Func<Task<T>> work, CancellationToken cancellation = default)
    {
        // Not by constructor: contexts are pooled, which takes one that knows its options alone.
        using var turn = await this.GetService<WriteGate>().EnterAsync(cancellation);
        // The SQLite provider begins a serializable transaction as BEGIN IMMEDIATE.
        await using var transaction = await Database.BeginTransactionAsync(cancellation);
        var result = await work();
        await SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return result;
    }

    /// <inheritdoc cref="WriteAsync{T}"/>
    public Task WriteAsync(Func<Task> work, CancellationToken cancellation = default) =>
        WriteAsync(async () => { await work(); return true; }, cancellation);

    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder)
    {
        configurationBuilder.Properties<DateTimeOffset>().HaveConversion<UnixMilliseconds>();
        configurationBuilder.Properties<Enum>().HaveConversion<string>();
    }

    protected override void OnModelCreating(ModelBuilder modelBuilder) =>
        modelBuilder.ApplyConfigurationsFromAssembly(typeof(ChatDb).Assembly);

    /// <summary>Named by the compiled model.</summary>
    internal sealed class UnixMilliseconds() : ValueConverter<DateTimeOffset, long>(
        time => time.ToUnixTimeMilliseconds(), milliseconds => DateTimeOffset.FromUnixTimeMilliseconds(milliseconds));
}
