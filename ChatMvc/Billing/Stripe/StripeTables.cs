using ChatMvc.Accounts;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ChatMvc.Billing.Stripe;

internal sealed class StripeCustomerTable : IEntityTypeConfiguration<StripeCustomer>
{
    public void Configure(EntityTypeBuilder<StripeCustomer> customer)
    {
        customer.HasOne<User>().WithMany().HasForeignKey(c => c.UserId);
        customer.HasIndex(c => new { c.UserId, c.LiveMode }).IsUnique();
    }
}

internal sealed class PurchaseTable : IEntityTypeConfiguration<Purchase>
{
    public void Configure(EntityTypeBuilder<Purchase> purchase)
    {
        purchase.HasOne<User>().WithMany().HasForeignKey(p => p.UserId);
        purchase.HasIndex(p => p.Key).IsUnique();
        purchase.HasIndex(p => p.SessionId).IsUnique().HasFilter("SessionId IS NOT NULL");
        purchase.HasIndex(p => p.PaymentIntentId).IsUnique().HasFilter("PaymentIntentId IS NOT NULL");
        // One open intent per person and thing, in however many tabs.
        purchase.HasIndex(p => new { p.UserId, p.LiveMode, p.Kind, p.AmountCents }).IsUnique().HasFilter("State = 'Open'");
        purchase.HasIndex(p => new { p.UserId, p.CreatedAt });
    }
}

internal sealed class SubscriptionTable : IEntityTypeConfiguration<Subscription>
{
    public void Configure(EntityTypeBuilder<Subscription> subscription)
    {
        subscription.HasOne<User>().WithMany().HasForeignKey(s => s.UserId);
        subscription.HasIndex(s => new { s.UserId, s.LiveMode });
    }
}

internal sealed class InvoiceTable : IEntityTypeConfiguration<Invoice>
{
    public void Configure(EntityTypeBuilder<Invoice> invoice)
    {
        invoice.HasOne<User>().WithMany().HasForeignKey(i => i.UserId);
        invoice.HasIndex(i => new { i.UserId, i.CreatedAt });
    }
}

internal sealed class WebhookEventTable : IEntityTypeConfiguration<WebhookEvent>
{
    public void Configure(EntityTypeBuilder<WebhookEvent> received)
    {
        received.Property(e => e.Reason).HasMaxLength(WebhookEvent.MaxReason);
        received.HasIndex(e => e.State).HasFilter("State IN ('Received', 'Parked')");
        received.HasIndex(e => e.ReceivedAt);
        received.HasIndex(e => e.ObjectId);
    }
}

internal sealed class ReconciliationTable : IEntityTypeConfiguration<Reconciliation>
{
    public void Configure(EntityTypeBuilder<Reconciliation> reconciliation) => reconciliation.HasIndex(r => r.StartedAt);
}
