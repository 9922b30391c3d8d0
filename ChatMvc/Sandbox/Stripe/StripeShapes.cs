using System.Text.Json.Nodes;

namespace ChatMvc.Sandbox.Stripe;

/// <summary>
/// Stripe's objects when they are new, with every member that version <see cref="SandboxStripe.ApiVersion"/> sends. Texts
/// that people wrote are set afterwards: here stand ids, numbers and Stripe's own words.
/// </summary>
internal static class StripeShapes
{
    /// <summary>Stands for the sandbox's own address until an object is sent.</summary>
    public const string Here = "sandbox://stripe";

    private const string NoAddress = """{ "city": null, "country": null, "line1": null, "line2": null, "postal_code": null, "state": null }""";

    public static JsonObject Customer(string id, long now) => Parse($$"""
        {
          "id": "{{id}}", "object": "customer", "address": null, "balance": 0, "created": {{now}}, "currency": null,
          "default_source": null, "delinquent": false, "description": null, "discount": null, "email": null,
          "invoice_prefix": "{{id[^8..].ToUpperInvariant()}}",
          "invoice_settings": { "custom_fields": null, "default_payment_method": null, "footer": null, "rendering_options": null },
          "livemode": false, "metadata": {}, "name": null, "next_invoice_sequence": 1, "phone": null, "preferred_locales": [],
          "shipping": null, "tax_exempt": "none", "test_clock": null
        }
        """);

    public static JsonObject Deleted(JsonObject obj) => new() { ["id"] = obj.Id, ["object"] = obj.Kind, ["deleted"] = true };

    public static JsonObject Product(string id, string name, long now)
    {
        var product = Parse($$"""
            {
              "id": "{{id}}", "object": "product", "active": true, "created": {{now}}, "default_price": null, "description": null,
              "images": [], "livemode": false, "marketing_features": [], "metadata": {}, "name": "", "package_dimensions": null,
              "shippable": null, "statement_descriptor": null, "tax_code": null, "type": "service", "unit_label": null,
              "updated": {{now}}, "url": null
            }
            """);
        product["name"] = name;
        return product;
    }

    /// <param name="id">The price's.</param>
    /// <param name="product">Its product's id.</param>
    /// <param name="currency">Three letters.</param>
    /// <param name="amount">In the currency's smallest unit.</param>
    /// <param name="interval">Of a recurring price: day, week, month or year; otherwise null.</param>
    /// <param name="every">So many intervals.</param>
    /// <param name="now">Unix seconds.</param>
    /// <param name="lookupKey">A name that does not change with the mode.</param>
    public static JsonObject Price(string id, string product, string currency, long amount, string? interval, long every, long now, string? lookupKey = null)
    {
        var price = Parse($$"""
            {
              "id": "{{id}}", "object": "price", "active": true, "billing_scheme": "per_unit", "created": {{now}},
              "currency": "{{currency}}", "custom_unit_amount": null, "livemode": false, "lookup_key": null, "metadata": {},
              "nickname": null, "product": "{{product}}", "recurring": null, "tax_behavior": "unspecified", "tiers_mode": null,
              "transform_quantity": null, "type": "one_time", "unit_amount": {{amount}}, "unit_amount_decimal": "{{amount}}"
            }
            """);
        price["lookup_key"] = lookupKey;
        if (interval is null) return price;
        price["type"] = "recurring";
        price["recurring"] = Parse($$"""{ "interval": "{{interval}}", "interval_count": {{every}}, "meter": null, "trial_period_days": null, "usage_type": "licensed" }""");
        return price;
    }

    public static JsonObject CheckoutSession(string id, string mode, string currency, long total, long now, long expires) => Parse($$"""
        {
          "id": "{{id}}", "object": "checkout.session", "adaptive_pricing": null,
          "after_expiration": null, "allow_promotion_codes": null, "allowed_payment_method_types": null,
          "amount_subtotal": {{total}}, "amount_total": {{total}},
          "automatic_tax": { "enabled": false, "liability": null, "provider": null, "status": null },
          "billing_address_collection": null, "cancel_url": null, "client_reference_id": null, "client_secret": null,
          "collected_information": null, "consent": null, "consent_collection": null, "created": {{now}}, "currency": "{{currency}}",
          "currency_conversion": null, "custom_fields": [],
          "custom_text": { "after_submit": null, "shipping_address": null, "submit": null, "terms_of_service_acceptance": null },
          "customer": null, "customer_account": null, "customer_creation": null, "customer_details": null, "customer_email": null,
          "discounts": [], "expires_at": {{expires}}, "integration_identifier": null, "invoice": null, "invoice_creation": null,
          "livemode": false, "locale": null, "managed_payments": null, "metadata": {}, "mode": "{{mode}}", "origin_context": null,
          "payment_intent": null, "payment_link": null, "payment_method_collection": "{{(mode == "payment" ? "if_required" : "always")}}",
          "payment_method_configuration_details": null, "payment_method_options": {}, "payment_method_types": ["card"],
          "payment_status": "unpaid", "permissions": null, "phone_number_collection": { "enabled": false }, "recovered_from": null,
          "saved_payment_method_options": null, "setup_intent": null, "shipping_address_collection": null, "shipping_cost": null,
          "shipping_options": [], "status": "open", "submit_type": null, "subscription": null, "success_url": null,
          "total_details": { "amount_discount": 0, "amount_shipping": 0, "amount_tax": 0 }, "ui_mode": "hosted_page",
          "url": "{{Here}}/checkout/{{id}}", "wallet_options": null
        }
        """);

    public static JsonObject CustomerDetails() => Parse($$"""
        {
          "address": {{NoAddress}}, "business_name": null, "email": null, "individual_name": null, "name": null, "phone": null,
          "tax_exempt": "none", "tax_ids": []
        }
        """);

    public static JsonObject LineItem(string id, string currency, long total, long quantity) => Parse($$"""
        {
          "id": "{{id}}", "object": "item", "adjustable_quantity": null, "amount_discount": 0, "amount_subtotal": {{total}}, "amount_tax": 0,
          "amount_total": {{total}}, "currency": "{{currency}}", "description": null, "metadata": {}, "price": null, "quantity": {{quantity}}
        }
        """);

    public static JsonObject PaymentIntent(string id, string? customer, long amount, string currency, long now)
    {
        var intent = Parse($$"""
            {
              "id": "{{id}}", "object": "payment_intent", "amount": {{amount}}, "amount_capturable": 0, "amount_details": { "tip": {} },
              "amount_received": 0, "application": null, "application_fee_amount": null, "automatic_payment_methods": null,
              "canceled_at": null, "cancellation_reason": null, "capture_method": "automatic", "client_secret": "{{id}}_secret_sandbox",
              "confirmation_method": "automatic", "created": {{now}}, "currency": "{{currency}}", "customer": null, "description": null,
              "last_payment_error": null, "latest_charge": null, "livemode": false, "metadata": {}, "next_action": null,
              "on_behalf_of": null, "payment_method": null, "payment_method_options": {}, "payment_method_types": ["card"],
              "processing": null, "receipt_email": null, "review": null, "setup_future_usage": null, "shipping": null, "source": null,
              "statement_descriptor": null, "statement_descriptor_suffix": null, "status": "requires_payment_method",
              "transfer_data": null, "transfer_group": null
            }
            """);
        intent["customer"] = customer;
        return intent;
    }

    /// <param name="id">The charge's.</param>
    /// <param name="intent">What it pays.</param>
    /// <param name="status">succeeded, pending or failed.</param>
    /// <param name="now">Unix seconds.</param>
    public static JsonObject Charge(string id, JsonObject intent, string status, long now)
    {
        var (succeeded, failed) = (status == "succeeded" ? "true" : "false", status == "failed");
        var charge = Parse($$"""
            {
              "id": "{{id}}", "object": "charge", "amount": {{intent.Number("amount")}},
              "amount_captured": {{(failed ? 0 : intent.Number("amount"))}}, "amount_refunded": 0, "application": null,
              "application_fee": null, "application_fee_amount": null, "balance_transaction": null,
              "billing_details": { "address": {{NoAddress}}, "email": null, "name": null, "phone": null, "tax_id": null },
              "calculated_statement_descriptor": "SANDBOX", "captured": {{(failed ? "false" : "true")}}, "created": {{now}},
              "currency": "{{intent.Text("currency")}}", "customer": null, "description": null, "disputed": false,
              "failure_balance_transaction": null, "failure_code": null, "failure_message": null, "fraud_details": {}, "livemode": false,
              "metadata": {}, "on_behalf_of": null, "outcome": null, "paid": {{succeeded}}, "payment_intent": "{{intent.Id}}",
              "payment_method": "{{StripeJson.NewId("pm_")}}",
              "payment_method_details": { "type": "card" }, "receipt_email": null, "receipt_number": null,
              "receipt_url": {{(failed ? "null" : $"\"{Here}/receipt/{id}\"")}}, "refunded": false, "review": null, "shipping": null,
              "source": null, "source_transfer": null, "statement_descriptor": null, "statement_descriptor_suffix": null,
              "status": "{{status}}", "transfer_data": null, "transfer_group": null
            }
            """);
        charge["customer"] = intent.Text("customer");
        charge["description"] = intent.Text("description");
        charge["metadata"] = intent["metadata"]!.DeepClone();
        return charge;
    }

    public static JsonObject Refund(string id, JsonObject charge, long amount, string? reason, long now)
    {
        var refund = Parse($$"""
            {
              "id": "{{id}}", "object": "refund", "amount": {{amount}}, "balance_transaction": null, "charge": "{{charge.Id}}",
              "created": {{now}}, "currency": "{{charge.Text("currency")}}", "customer": null, "customer_account": null,
              "metadata": {}, "payment_intent": "{{charge.Text("payment_intent")}}", "payment_method": null, "reason": null,
              "receipt_number": null, "source_transfer_reversal": null, "status": "succeeded", "transfer_reversal": null
            }
            """);
        refund["customer"] = charge.Text("customer");
        refund["reason"] = reason;
        return refund;
    }

    public static JsonObject Dispute(string id, JsonObject charge, long amount, long now, long due) => Parse($$"""
        {
          "id": "{{id}}", "object": "dispute", "amount": {{amount}}, "balance_transactions": [], "charge": "{{charge.Id}}", "created": {{now}},
          "currency": "{{charge.Text("currency")}}", "enhanced_eligibility_types": [],
          "evidence": {
            "access_activity_log": null, "billing_address": null, "cancellation_policy": null, "cancellation_policy_disclosure": null,
            "cancellation_rebuttal": null, "customer_communication": null, "customer_email_address": null, "customer_name": null,
            "customer_purchase_ip": null, "customer_signature": null, "duplicate_charge_documentation": null,
            "duplicate_charge_explanation": null, "duplicate_charge_id": null, "enhanced_evidence": {}, "product_description": null,
            "receipt": null, "refund_policy": null, "refund_policy_disclosure": null, "refund_refusal_explanation": null,
            "service_date": null, "service_documentation": null, "shipping_address": null, "shipping_carrier": null,
            "shipping_date": null, "shipping_documentation": null, "shipping_tracking_number": null, "uncategorized_file": null,
            "uncategorized_text": null
          },
          "evidence_details": {
            "due_by": {{due}}, "enhanced_eligibility": {}, "has_evidence": false, "past_due": false, "submission_count": 0,
            "submission_method": "not_submitted"
          },
          "intended_submission_method": null, "is_charge_refundable": false, "livemode": false, "metadata": {},
          "payment_intent": "{{charge.Text("payment_intent")}}", "reason": "general", "status": "needs_response"
        }
        """);

    public static JsonObject Subscription(string id, string customer, string currency, long now) => Parse($$"""
        {
          "id": "{{id}}", "object": "subscription", "application": null, "application_fee_percent": null,
          "automatic_tax": { "disabled_reason": null, "enabled": false, "liability": null },
          "billing_cycle_anchor": {{now}}, "billing_cycle_anchor_config": null,
          "billing_mode": { "flexible": null, "type": "classic" }, "billing_schedules": [], "billing_thresholds": null,
          "cancel_at": null, "cancel_at_period_end": false, "canceled_at": null,
          "cancellation_details": { "comment": null, "feedback": null, "feedback_option": null, "reason": null },
          "collection_method": "charge_automatically", "created": {{now}}, "currency": "{{currency}}", "customer": "{{customer}}",
          "customer_account": null, "days_until_due": null, "default_payment_method": null, "default_source": null,
          "default_tax_rates": [], "description": null, "discounts": [], "ended_at": null,
          "invoice_settings": { "account_tax_ids": null, "custom_fields": null, "description": null, "footer": null, "issuer": { "type": "self" } },
          "items": { "object": "list", "data": [], "has_more": false, "url": "/v1/subscription_items?subscription={{id}}" },
          "latest_invoice": null, "livemode": false, "managed_payments": null, "metadata": {},
          "next_pending_invoice_item_invoice": null, "on_behalf_of": null, "pause_collection": null,
          "payment_settings": { "payment_method_options": null, "payment_method_types": null, "save_default_payment_method": "off" },
          "pending_invoice_item_interval": null, "pending_setup_intent": null, "pending_update": null, "schedule": null,
          "start_date": {{now}}, "status": "incomplete", "test_clock": null, "transfer_data": null, "trial_end": null,
          "trial_settings": { "end_behavior": { "billing_cycle_anchor": null, "missing_payment_method": "create_invoice" } },
          "trial_start": null
        }
        """);

    public static JsonObject SubscriptionItem(string id, string subscription, JsonObject price, long quantity, long start, long end)
    {
        var item = Parse($$"""
            {
              "id": "{{id}}", "object": "subscription_item", "billing_thresholds": null, "created": {{start}},
              "current_period_end": {{end}}, "current_period_start": {{start}}, "current_trial": null, "discounts": [], "metadata": {},
              "plan": { "id": "{{price.Id}}", "object": "plan" }, "price": null, "quantity": {{quantity}},
              "subscription": "{{subscription}}", "tax_rates": []
            }
            """);
        item["price"] = price.Copy();
        return item;
    }

    /// <summary>A draft for what a subscription costs in a period.</summary>
    public static JsonObject Invoice(string id, JsonObject subscription, JsonObject customer, string number, string reason, long total, long now, long start, long end)
    {
        var invoice = Parse($$"""
            {
              "id": "{{id}}", "object": "invoice", "account_country": "US", "account_name": "Sandbox", "account_tax_ids": null,
              "amount_due": {{total}}, "amount_overpaid": 0, "amount_paid": 0, "amount_remaining": {{total}}, "amount_shipping": 0,
              "application": null, "attempt_count": 0, "attempted": false, "auto_advance": true,
              "automatic_tax": { "disabled_reason": null, "enabled": false, "liability": null, "provider": null, "status": null },
              "automatically_finalizes_at": null, "billing_reason": "{{reason}}", "collection_method": "charge_automatically",
              "created": {{now}}, "currency": "{{subscription.Text("currency")}}", "custom_fields": null,
              "customer": "{{customer.Id}}", "customer_account": null, "customer_address": null, "customer_email": null,
              "customer_name": null, "customer_phone": null, "customer_shipping": null, "customer_tax_exempt": "none",
              "customer_tax_ids": [], "default_payment_method": null, "default_source": null, "default_tax_rates": [],
              "description": null, "discounts": [], "due_date": null, "effective_at": null, "ending_balance": null, "footer": null,
              "from_invoice": null, "hosted_invoice_url": null, "invoice_pdf": null, "issuer": { "type": "self" },
              "last_finalization_error": null, "latest_revision": null,
              "lines": { "object": "list", "data": [], "has_more": false, "url": "/v1/invoices/{{id}}/lines" },
              "livemode": false, "metadata": {}, "next_payment_attempt": null, "number": null, "on_behalf_of": null,
              "parent": {
                "quote_details": null,
                "subscription_details": { "metadata": {}, "subscription": "{{subscription.Id}}" },
                "type": "subscription_details"
              },
              "payment_settings": { "default_mandate": null, "payment_method_options": null, "payment_method_types": null },
              "period_end": {{end}}, "period_start": {{start}}, "post_payment_credit_notes_amount": 0,
              "pre_payment_credit_notes_amount": 0, "receipt_number": null, "rendering": null, "shipping_cost": null,
              "shipping_details": null, "starting_balance": 0, "statement_descriptor": null, "status": "draft",
              "status_transitions": { "finalized_at": null, "marked_uncollectible_at": null, "paid_at": null, "voided_at": null },
              "subtotal": {{total}}, "subtotal_excluding_tax": {{total}}, "test_clock": null, "total": {{total}},
              "total_discount_amounts": [], "total_excluding_tax": {{total}}, "total_pretax_credit_amounts": [], "total_taxes": [],
              "webhooks_delivered_at": {{now}}
            }
            """);
        invoice["_number"] = number;
        invoice["customer_email"] = customer.Text("email");
        invoice["customer_name"] = customer.Text("name");
        invoice["customer_phone"] = customer.Text("phone");
        invoice["parent"]!["subscription_details"]!["metadata"] = subscription["metadata"]!.DeepClone();
        return invoice;
    }

    public static JsonObject InvoiceLine(string id, string invoice, JsonObject subscription, JsonObject item, string? description, long start, long end)
    {
        var price = item.Part("price");
        var amount = price.Number("unit_amount") * item.Number("quantity");
        var line = Parse($$"""
            {
              "id": "{{id}}", "object": "line_item", "amount": {{amount}}, "currency": "{{price.Text("currency")}}", "description": null,
              "discount_amounts": [], "discountable": true, "discounts": [], "invoice": "{{invoice}}", "livemode": false, "metadata": {},
              "parent": {
                "invoice_item_details": null,
                "subscription_item_details": {
                  "invoice_item": null, "proration": false, "proration_details": { "credited_items": null },
                  "subscription": "{{subscription.Id}}", "subscription_item": "{{item.Id}}"
                },
                "type": "subscription_item_details"
              },
              "period": { "end": {{end}}, "start": {{start}} }, "pretax_credit_amounts": [],
              "pricing": {
                "price_details": { "price": "{{price.Id}}", "product": "{{price.Text("product")}}" },
                "type": "price_details", "unit_amount_decimal": "{{price.Text("unit_amount_decimal")}}"
              },
              "quantity": {{item.Number("quantity")}}, "quantity_decimal": "{{item.Number("quantity")}}", "subscription": "{{subscription.Id}}",
              "subtotal": {{amount}}, "taxes": []
            }
            """);
        line["description"] = description;
        line["metadata"] = subscription["metadata"]!.DeepClone();
        return line;
    }

    public static JsonObject InvoicePayment(string id, JsonObject invoice, string intent, long now) => Parse($$"""
        {
          "id": "{{id}}", "object": "invoice_payment", "amount_paid": null, "amount_requested": {{invoice.Number("amount_due")}},
          "created": {{now}}, "currency": "{{invoice.Text("currency")}}", "invoice": "{{invoice.Id}}", "is_default": true, "livemode": false,
          "payment": { "payment_intent": "{{intent}}", "type": "payment_intent" }, "status": "open",
          "status_transitions": { "canceled_at": null, "paid_at": null }
        }
        """);

    public static JsonObject PortalSession(string id, string customer, long now) => Parse($$"""
        {
          "id": "{{id}}", "object": "billing_portal.session", "configuration": "bpc_sandbox", "created": {{now}},
          "customer": "{{customer}}", "customer_account": null, "flow": null, "livemode": false, "locale": null, "on_behalf_of": null,
          "return_url": null, "url": "{{Here}}/portal/{{id}}"
        }
        """);

    public static JsonObject Event(string id, string type, JsonObject data, long now, string? request, string? idempotencyKey)
    {
        var made = Parse($$"""
            {
              "id": "{{id}}", "object": "event", "api_version": "{{SandboxStripe.ApiVersion}}", "created": {{now}}, "data": {},
              "livemode": false, "pending_webhooks": 1, "request": { "id": null, "idempotency_key": null }, "type": "{{type}}"
            }
            """);
        made["data"]!["object"] = data;
        made["request"]!["id"] = request;
        made["request"]!["idempotency_key"] = idempotencyKey;
        return made;
    }

    private static JsonObject Parse(string json) => JsonNode.Parse(json)!.AsObject();
}
